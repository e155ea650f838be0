import { OrderFacts, orderNumber, orderUrl } from './facts';
import { defineTemplate } from './template';

export const orderCancelled = defineTemplate({
  facts: OrderFacts,
  category: 'order',
  goodForHours: 7 * 24,
  notice: {
    kind: 'order-cancelled',
    write: ({ orderId }) => ({
      title: 'Your order is cancelled',
      text: `Order ${orderNumber(orderId)} is cancelled. Nothing is charged.`,
      orderId,
    }),
  },
  write: ({ orderId }, { publicUrl }) => ({
    subject: `Your order ${orderNumber(orderId)} is cancelled`,
    paragraphs: ['Your order is cancelled, as you asked. Nothing is charged.'],
    action: { label: 'See the order', url: orderUrl(publicUrl, orderId) },
  }),
});
