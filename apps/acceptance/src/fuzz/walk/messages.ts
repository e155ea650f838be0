import { eventually } from '@bulkhead/testing/eventually';
import { nobodys, type Walker } from './walker';

/** @returns a message of the person's */
export async function walkMessages({ call }: Walker, token: string) {
  const inbox = await eventually(async () => {
    const { body } = await call('listNotifications', { token });
    if (body.items.length === 0) throw new Error('no message yet');
    return body.items as { id: string }[];
  });
  await call('readNotification', { token, params: { notificationId: inbox[0]!.id } });
  await call('readNotification', { token, params: { notificationId: nobodys } });
  await call('streamNotifications', { token });
  return { notificationId: inbox[0]!.id };
}
