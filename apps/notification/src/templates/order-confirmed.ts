import { ChargedOrderFacts, orderNumber, orderUrl } from './facts';
import { formatMoney } from './money';
import { defineTemplate } from './template';

export const orderConfirmed = defineTemplate({
  facts: ChargedOrderFacts,
  category: 'order',
  goodForHours: 7 * 24,
  notice: {
    kind: 'order-confirmed',
    write: ({ orderId, total }) => ({
      title: 'Your order is confirmed',
      text: `Order ${orderNumber(orderId)} over ${formatMoney(total, 'en')} is paid and yours.`,
      orderId,
    }),
  },
  write: ({ orderId, total }, { locale, publicUrl }) => ({
    subject: `Your order ${orderNumber(orderId)} is confirmed`,
    paragraphs: [
      `Thank you. Your order over ${formatMoney(total, locale)} is paid, and the goods are yours.`,
    ],
    action: { label: 'See the order', url: orderUrl(publicUrl, orderId) },
  }),
});
