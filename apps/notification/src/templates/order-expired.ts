import { OrderFacts, orderNumber, orderUrl } from './facts';
import { defineTemplate } from './template';

export const orderExpired = defineTemplate({
  facts: OrderFacts,
  category: 'order',
  goodForHours: 7 * 24,
  notice: {
    kind: 'order-expired',
    write: ({ orderId }) => ({
      title: 'Your order has expired',
      text: `Order ${orderNumber(orderId)} could not be finished in time. Nothing is charged.`,
      orderId,
    }),
  },
  write: ({ orderId }, { publicUrl }) => ({
    subject: `Your order ${orderNumber(orderId)} has expired`,
    paragraphs: [
      'Your order could not be finished in time, so we let it go. Nothing is charged. Please try again.',
    ],
    action: { label: 'See the order', url: orderUrl(publicUrl, orderId) },
  }),
});
