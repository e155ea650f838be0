import { startBroker } from './broker-process';
import { startTestPostgres } from './test-postgres';

export interface TestServers {
  /** Variables with the servers' addresses for the tests. */
  readonly environment: Record<string, string>;
  stop(): Promise<void>;
}

/**
 * One PostgreSQL and one RabbitMQ for a whole test run; servers whose address is already given are used as they are.
 */
export const startTestServers = async (given: NodeJS.ProcessEnv): Promise<TestServers> => {
  const [postgres, broker] = await Promise.allSettled([
    given['TEST_DATABASE_URL'] ? undefined : startTestPostgres(),
    given['RABBITMQ_URL'] ? undefined : startBroker(),
  ]);
  const stop = async () => {
    await Promise.all(
      [postgres, broker].map(async (server) => {
        if (server.status === 'fulfilled') await server.value?.stop();
      }),
    );
  };
  if (postgres.status === 'rejected' || broker.status === 'rejected') {
    await stop();
    throw postgres.status === 'rejected' ? postgres.reason : (broker as PromiseRejectedResult).reason;
  }
  return {
    environment: {
      ...(postgres.value && { TEST_DATABASE_URL: postgres.value.adminUrl }),
      ...(broker.value && {
        RABBITMQ_URL: broker.value.url,
        RABBITMQ_MANAGEMENT_URL: broker.value.managementUrl,
      }),
    },
    stop,
  };
};
