import { z } from 'zod';
import { OrderFacts, orderNumber, orderUrl } from './facts';
import { defineTemplate } from './template';

const because = {
  'out-of-stock': 'What you wanted has just been sold out.',
  'payment-declined': 'Your payment was declined.',
} as const;

export const orderRejected = defineTemplate({
  facts: OrderFacts.extend({ reason: z.enum(['out-of-stock', 'payment-declined']) }),
  category: 'order',
  goodForHours: 7 * 24,
  notice: {
    kind: 'order-rejected',
    write: ({ orderId, reason }) => ({
      title: 'Your order could not be fulfilled',
      text: `Order ${orderNumber(orderId)}: ${because[reason]} Nothing is charged.`,
      orderId,
    }),
  },
  write: ({ orderId, reason }, { publicUrl }) => ({
    subject: `Your order ${orderNumber(orderId)} could not be fulfilled`,
    paragraphs: [`We are sorry. ${because[reason]} Nothing is charged.`],
    action: { label: 'See the order', url: orderUrl(publicUrl, orderId) },
  }),
});
