import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { definitions } from '@bulkhead/app/monolith/src/definitions';
import { createPaymentService } from '@bulkhead/app/payment/src/app';
import { startSimulatedProvider } from '@bulkhead/app/payment/src/simulated-provider/server';
import type { Role } from '@bulkhead/contracts/endpoint';
import type { ServiceName } from '@bulkhead/contracts/services';
import { subscriptions } from '@bulkhead/contracts/subscriptions';
import { freePort } from '@bulkhead/development/free-ports';
import { createRabbitMqTransport } from '@bulkhead/messaging/rabbitmq/rabbitmq-transport';
import { openShop, type OpenShop } from '@bulkhead/invariants/open-shop';
import { systemClock } from '@bulkhead/resilience/clock';
import {
  createTestNetwork,
  startTestService,
  type TestService,
} from '@bulkhead/service/testing/test-service';
import type { ServiceDefinition } from '@bulkhead/service/service';
import { createTestBroker } from '@bulkhead/messaging/testing/rabbitmq';
import { startMailbox } from '@bulkhead/testing/smtp';
import { createGates, type Gates } from './gates';

/** What carries the events: as where all services are one process, or as where each is its own. */
export type Carrier = 'in process' | 'RabbitMQ';

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** All services but the gateway, each on a port and a database of its own, and what they stand on. */
export interface WholeShop {
  readonly gates: Gates;
  service(name: ServiceName): TestService;
  /** Everything it keeps, as the check of the invariants reads it. */
  readonly view: OpenShop;
  /** URL of the database of a service. */
  databaseUrl(name: ServiceName): string;
  sql<Row extends object>(name: ServiceName, text: string, ...values: unknown[]): Promise<Row[]>;
  /** Calls a service as the gateway does for a user. @throws Error for an error response but 402, a declined payment */
  call(
    name: ServiceName,
    request: {
      readonly method: string;
      readonly target: string;
      readonly userId?: string;
      readonly roles?: readonly Role[];
      readonly json?: unknown;
    },
  ): Promise<Answer>;
  stop(): Promise<void>;
}

const webhookSecret = 'a secret for webhooks in tests';

export async function startWholeShop(carrier: Carrier): Promise<WholeShop> {
  const network = await createTestNetwork();
  const gates = createGates();
  const mailbox = await startMailbox();
  const broker = carrier === 'RabbitMQ' ? await createTestBroker() : undefined;
  const services = new Map<ServiceName, TestService>();
  const providerPort = await freePort();
  const providerUrl = `http://127.0.0.1:${providerPort}`;
  const config = {
    ORDER_BUDGET_MS: '200',
    ORDER_RETRY_MIN_MS: '20',
    ORDER_RETRY_MAX_MS: '200',
    ORDER_RECOVERY_EVERY_MS: '25',
    ORDER_STEP_TIMEOUT_MS: '30000',
    PAYMENT_PROVIDER_URL: providerUrl,
    PAYMENT_WEBHOOK_SECRET: webhookSecret,
    SMTP_URL: `smtp://127.0.0.1:${mailbox.port}`,
    MAIL_FROM: 'Bulkhead <shop@mail.example.org>',
    PUBLIC_URL: 'https://shop.example.org/',
  };

  const payment = createPaymentService(gates.afterProvider) as unknown as ServiceDefinition;
  for (const known of definitions.filter(({ name }) => name !== 'gateway')) {
    const { name } = known;
    const definition = name === 'payment' ? payment : known;
    services.set(
      name,
      await startTestService(gates.guard(definition), {
        network,
        config,
        migrationsDir: path.join(__dirname, '../../apps', name, 'prisma/migrations'),
        ...(broker && {
          transport: createRabbitMqTransport({
            url: broker.url,
            prefix: broker.prefix,
            service: name,
            subscriptions: Object.values(subscriptions),
            clock: systemClock,
          }),
        }),
      }),
    );
  }
  const service = (name: ServiceName) => services.get(name)!;
  const provider = await startSimulatedProvider({
    port: providerPort,
    clock: systemClock,
    webhookUrl: `${service('payment').origin}/api/v1/payments/webhooks/simulated`,
    webhookSecret,
    webhookHeaders: () => service('payment').anonymous(),
  });
  const databaseUrl = (name: ServiceName) => service(name).testDatabase!.url;
  const view = openShop({
    databases: Object.fromEntries([...services.keys()].map((name) => [name, databaseUrl(name)])),
    providerUrl,
    ...(broker && { broker: { url: broker.url, prefix: broker.prefix } }),
  });

  return {
    gates,
    service,
    view,
    databaseUrl,
    async sql<Row extends object>(name: ServiceName, text: string, ...values: unknown[]) {
      return (await service(name).database.query<Row>({ text, values })).rows;
    },
    async call(name, { method, target, userId, roles, json }) {
      const headers = {
        ...(userId === undefined
          ? await service(name).anonymous()
          : await service(name).as(userId, roles ?? ['customer'])),
        'idempotency-key': randomUUID(),
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      };
      const body = json === undefined ? {} : { body: JSON.stringify(json) };
      const ask = () => fetch(`${service(name).origin}${target}`, { method, headers, ...body });
      let response = await ask();
      // A busy machine is no fault of the shop.
      for (let again = 0; response.status === 503 && again < 20; again++) {
        await systemClock.sleep(200);
        response = await ask();
      }
      const text = await response.text();
      if (!response.ok && response.status !== 402)
        throw new Error(`${method} ${target}: ${response.status} ${text}`);
      return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Answer['body']) };
    },
    async stop() {
      gates.open();
      await view.close();
      await provider.stop();
      // Whoever asks another stops first.
      const order: ServiceName[] = ['search', 'order', 'notification', 'profile'];
      for (const name of order) await services.get(name)?.stop();
      for (const [name, each] of services) if (!order.includes(name)) await each.stop();
      await mailbox.stop();
      await broker?.drop();
    },
  };
}
