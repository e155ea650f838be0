import { createHmac, randomUUID } from 'node:crypto';
import { eventually } from '@bulkhead/testing/eventually';
import { nobodys, type Walker } from './walker';

/** @returns the payment of an order */
export async function walkPayments(walker: Walker, { orderId }: { orderId: string }) {
  const { call, admin } = walker;
  const payments = await eventually(async () => {
    const { body } = await call('searchPayments', { token: admin.token, query: `?orderId=${orderId}` });
    if (body.items[0]?.status !== 'captured') throw new Error('not captured yet');
    return body.items as { id: string }[];
  });
  const paid = { paymentId: payments[0]!.id };
  await call('getPayment', { token: admin.token, params: paid });
  await call('getPayment', { token: admin.token, params: { paymentId: nobodys } });
  const refund = (amount: number, params = paid) =>
    call('refundPayment', {
      token: admin.token,
      params,
      headers: walker.key(),
      json: { amount: { amount, currency: 'EUR' } },
    });
  await refund(100);
  await call('acknowledgePayment', { token: admin.token, params: paid });
  await call('acknowledgePayment', { token: admin.token, params: { paymentId: nobodys } });
  await refund(1_000_000);
  await refund(1, { paymentId: nobodys });
  return paid;
}

/** The provider's own calls. */
export async function walkWebhooks({ call, webhookSecret }: Walker): Promise<void> {
  const event = JSON.stringify({ id: randomUUID(), type: 'nothing.happened' });
  const seconds = Math.floor(Date.now() / 1000);
  const signature = createHmac('sha256', webhookSecret).update(`${seconds}.${event}`).digest('hex');
  const hook = (provider: string, signed: string) =>
    call('receivePaymentWebhook', {
      params: { provider },
      headers: { 'content-type': 'application/json', 'webhook-signature': signed },
      raw: event,
    });
  await hook('simulated', `t=${seconds},v1=${signature}`);
  await hook('simulated', 'nonsense');
  await hook('nobody', `t=${seconds},v1=${signature}`);
}
