import { z } from 'zod';
import { OrderFacts, orderNumber, orderUrl, SomeMoney } from './facts';
import { formatMoney } from './money';
import { defineTemplate } from './template';

export const refundFailed = defineTemplate({
  facts: OrderFacts.extend({ refundId: z.uuid(), amount: SomeMoney }),
  // We owe the money: the person is informed even if they have opted out of mails about orders.
  category: 'account',
  goodForHours: 7 * 24,
  notice: {
    kind: 'refund-failed',
    write: ({ orderId, amount }) => ({
      title: 'Your refund did not go through',
      text:
        `The refund of ${formatMoney(amount, 'en')} for order ${orderNumber(orderId)} did not reach you. ` +
        'We will be in touch.',
      orderId,
    }),
  },
  write: ({ orderId, amount }, { locale, publicUrl }) => ({
    subject: `The refund for your order ${orderNumber(orderId)} did not go through`,
    paragraphs: [
      `We are sorry. The refund of ${formatMoney(amount, locale)} did not reach you: your bank or card did not take it.`,
      'We will be in touch to find another way. You need do nothing.',
    ],
    action: { label: 'See the order', url: orderUrl(publicUrl, orderId) },
  }),
});
