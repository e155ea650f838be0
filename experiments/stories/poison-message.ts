import { randomUUID } from 'node:crypto';
import { connect } from 'amqplib';
import { allServed } from '../run/claims';
import { correct, type Experiment } from '../run/experiment';

const poisons = 20;

export const poisonMessage: Experiment = {
  name: 'poison-message',
  title: 'Messages that nobody can read',
  story: `Somebody has put garbage into a queue. A reader that fails on it and gives it back gets it again at once, for ever:
    a whole processor for one message, and everything behind it waits.`,
  steadyState: 'Every order is confirmed at once, and told within a second.',
  hypothesis: `What can never be read is put aside at once, with the reason, for a person to look at. Nobody else notices.`,
  fault: `${poisons} messages in the queue of notification that are no events.`,
  rates: { browse: 12, search: 2, buy: 5 },
  settlesWithin: 60,
  async inject({ shop, until, note, explain, measure }) {
    if (shop.brokerUrl === undefined) return;
    const ids = Array.from({ length: poisons }, () => randomUUID());
    const connection = await connect(shop.brokerUrl);
    const channel = await connection.createConfirmChannel();
    for (const messageId of ids)
      channel.sendToQueue('bulkhead.notification.orders', Buffer.from('{"no":"event"'), {
        messageId,
        persistent: true,
        contentType: 'application/cloudevents+json',
      });
    await channel.waitForConfirms();
    explain(ids);
    note(`${poisons} messages that cannot be read`);
    await until(1);
    const { messageCount } = await channel.checkQueue('bulkhead.notification.orders.dead');
    measure('dead', messageCount);
    note(`${messageCount} dead letters`);
    await channel.purgeQueue('bulkhead.notification.orders.dead');
    await connection.close();
  },
  judge(observed) {
    const services = observed.of('services');
    const { dead = NaN } = services.measures;
    return [
      correct(
        `${services.kind}: each of them is a dead letter, and nothing else is`,
        dead === poisons,
        `${dead} dead letters`,
      ),
      ...allServed(services, 'order', services.during('order')),
    ];
  },
};
