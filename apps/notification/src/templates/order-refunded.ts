import { ChargedOrderFacts, orderNumber, orderUrl } from './facts';
import { formatMoney } from './money';
import { defineTemplate } from './template';

export const orderRefunded = defineTemplate({
  facts: ChargedOrderFacts,
  category: 'order',
  goodForHours: 7 * 24,
  notice: {
    kind: 'order-refunded',
    write: ({ orderId, total }) => ({
      title: 'Your money is on its way back',
      text: `Order ${orderNumber(orderId)} is cancelled, and ${formatMoney(total, 'en')} refunded.`,
      orderId,
    }),
  },
  write: ({ orderId, total }, { locale, publicUrl }) => ({
    subject: `Your order ${orderNumber(orderId)} is refunded`,
    paragraphs: [
      `Your order is cancelled, and ${formatMoney(total, locale)} are on the way back to you. ` +
        'It may take some days until you see them.',
    ],
    action: { label: 'See the order', url: orderUrl(publicUrl, orderId) },
  }),
});
