import { allServed, asFast } from '../run/claims';
import type { Experiment } from '../run/experiment';

export const notificationDown: Experiment = {
  name: 'notification-down',
  title: 'Notification is down',
  story: `The service that sends the mails is gone. Where an order is confirmed by calling it, no order can be confirmed any
    more: the least important part of buying has become its most important one.`,
  steadyState: 'Every order is confirmed at once, and told by mail and in the inbox.',
  hypothesis: `If notification fails, the order still goes through. What was to be told waits in its queue, and is told, once
    each, when it is back.`,
  fault: 'The notification service is stopped, and started again at the end.',
  rates: { browse: 15, search: 3, buy: 5, account: 1 },
  settlesWithin: 60,
  async inject({ shop, until, note }) {
    await shop.stopService('notification');
    note('notification is down');
    await until(1);
    await shop.start('notification');
    note('notification is back');
  },
  judge(observed) {
    const services = observed.of('services');
    return [
      ...allServed(services, 'order', services.during('order')),
      asFast(services, 'order', 1.2, { before: services.before('order'), during: services.during('order') }),
      ...allServed(services, 'browse', services.during('browse')),
    ];
  },
};
