import { randomUUID } from 'node:crypto';
import type { Money } from '@bulkhead/contracts/primitives';
import { problem } from '@bulkhead/service/errors';
import type { FakeShop, Payment } from './fake-shop';

/** Payment's side of its contract with order, in memory. */
export function createPayments(shop: FakeShop) {
  const response = (orderId: string, payment: Payment) => ({
    status: 200 as const,
    body: {
      paymentId: payment.paymentId,
      orderId,
      status: payment.status,
      reason: null,
      nextAction:
        payment.status === 'requires_action'
          ? { type: 'redirect' as const, url: `https://bank.example/${orderId}` }
          : null,
      captured: { ...payment.amount, amount: payment.captured },
      refunded: { ...payment.amount, amount: payment.refunded },
      version: payment.version,
    },
  });

  const become = (orderId: string, payment: Payment, status: Payment['status']) => {
    payment.status = status;
    payment.version += 1;
    return response(orderId, payment);
  };

  const conflict = ({ status }: Payment) => problem('conflict', { extensions: { paymentStatus: status } });

  const find = (orderId: string): Payment => {
    const payment = shop.payments.get(orderId);
    if (!payment) throw problem('not-found');
    return payment;
  };

  const create = (orderId: string, status: Payment['status'], amount: Money): Payment => {
    const payment = { paymentId: randomUUID(), status, amount, captured: 0, refunded: 0, version: 1 };
    shop.payments.set(orderId, payment);
    return payment;
  };

  return {
    begin(orderId: string, amount: Money, paymentMethod: string) {
      const status =
        paymentMethod === 'pm_declined'
          ? 'declined'
          : paymentMethod === 'pm_requires_action'
            ? 'requires_action'
            : 'authorised';
      return response(orderId, shop.payments.get(orderId) ?? create(orderId, status, amount));
    },

    capture(orderId: string) {
      const payment = find(orderId);
      if (payment.status === 'captured') return response(orderId, payment);
      if (payment.status !== 'authorised') throw conflict(payment);
      payment.captured = payment.amount.amount;
      return become(orderId, payment, 'captured');
    },

    void(orderId: string) {
      const payment = shop.payments.get(orderId) ?? create(orderId, 'voided', { amount: 0, currency: 'XXX' });
      if (payment.status === 'voided' || payment.status === 'declined') return response(orderId, payment);
      if (payment.status !== 'authorised' && payment.status !== 'requires_action') throw conflict(payment);
      return become(orderId, payment, 'voided');
    },

    refund(orderId: string) {
      const payment = find(orderId);
      if (payment.status === 'refunded') return response(orderId, payment);
      if (payment.status !== 'captured' || shop.refusesRefunds) throw conflict(payment);
      payment.refunded = payment.captured;
      return become(orderId, payment, 'refunded');
    },
  };
}
