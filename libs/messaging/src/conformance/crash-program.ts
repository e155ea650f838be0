import { createDatabase } from '@bulkhead/database/pool';
import { systemClock } from '@bulkhead/resilience/clock';
import { createConsumers } from '../consumers';
import { createInProcessTransport } from '../inprocess/inprocess-transport';
import { createRabbitMqTransport } from '../rabbitmq/rabbitmq-transport';
import { createRelay } from '../relay';
import type { Handler } from '../subscription';
import { catalog, index, mails, subscriptions } from './shop';

/**
 * A relay and two consumers as a separate process, for tests that kill it at CRASH_POINT: 'claimed' (after commit,
 * before publish), 'published' (after publish, before mark) or 'handled' (after handling, before ack).
 */
const setting = (name: string): string => process.env[name] ?? '';

const sender = createDatabase({ url: setting('SENDER_URL'), applicationName: 'crash sender' });
const reader = createDatabase({ url: setting('READER_URL'), applicationName: 'crash reader' });
const retryDelaysMs = [20, 40, 60, 80];
const timing = { leaseMs: 400, sweepMs: 40 };

const connect = (service: 'order' | 'notification') =>
  setting('RABBITMQ_URL') === ''
    ? createInProcessTransport({
        databases: { notification: reader, search: reader },
        subscriptions,
        clock: systemClock,
        retryDelaysMs,
        ...timing,
      })
    : createRabbitMqTransport({
        url: setting('RABBITMQ_URL'),
        service,
        subscriptions,
        clock: systemClock,
        prefix: setting('PREFIX'),
        retryDelaysMs,
      });

const checkpoint = async (point: string): Promise<void> => {
  if (point === setting('CRASH_POINT')) process.kill(process.pid, 'SIGKILL');
};

const leaveEffect =
  (group: string): Handler<typeof mails> =>
  async (event, { tx }) => {
    await tx.query({
      text: 'insert into effect (consumer_group, event_id, number) values ($1, $2, $3)',
      values: [group, event.id, event.data.number],
    });
  };

const sending = connect('order');
const reading = connect('notification');
const relay = createRelay({
  database: sender,
  transport: sending,
  clock: systemClock,
  checkpoint,
  ...timing,
});
const consumers = createConsumers({
  transport: reading,
  database: reader,
  poolSize: reader.stats().max,
  subscriptions: [
    { definition: mails, handle: leaveEffect(mails.group) as never },
    { definition: index, handle: leaveEffect(index.group) as never },
  ],
  catalog,
  clock: systemClock,
  checkpoint,
});

async function stop(): Promise<void> {
  await consumers.stop();
  await relay.stop();
  await Promise.all([sending.close(), reading.close()]);
  await Promise.all([sender.close(), reader.close()]);
}

relay.start();
consumers.start();
process.once('SIGTERM', () => void stop());
