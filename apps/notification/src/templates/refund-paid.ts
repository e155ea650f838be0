import { z } from 'zod';
import { ChargedOrderFacts, orderNumber, orderUrl, SomeMoney } from './facts';
import { formatMoney } from './money';
import { defineTemplate } from './template';

export const refundPaid = defineTemplate({
  facts: ChargedOrderFacts.extend({ refundId: z.uuid(), amount: SomeMoney, refundedTotal: SomeMoney }),
  category: 'order',
  goodForHours: 7 * 24,
  notice: {
    kind: 'refund-paid',
    write: ({ orderId, amount }) => ({
      title: 'Your money is on its way back',
      text: `We refunded ${formatMoney(amount, 'en')} of order ${orderNumber(orderId)}.`,
      orderId,
    }),
  },
  write: ({ orderId, amount, refundedTotal, total }, { locale, publicUrl }) => ({
    subject: `A refund for your order ${orderNumber(orderId)}`,
    paragraphs: [
      `We refunded ${formatMoney(amount, locale)} of your order. It may take some days until you see the money.`,
      refundedTotal.amount === amount.amount
        ? `The order was over ${formatMoney(total, locale)}.`
        : `That makes ${formatMoney(refundedTotal, locale)} of ${formatMoney(total, locale)} in all.`,
    ],
    action: { label: 'See the order', url: orderUrl(publicUrl, orderId) },
  }),
});
