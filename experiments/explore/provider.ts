import { type BookResponse, createBook } from '@bulkhead/app/payment/src/simulated-provider/book';
import {
  type PaymentProvider,
  type ProviderCharge,
  ProviderRefused,
  ProviderUnavailable,
} from '@bulkhead/app/payment/src/providers/provider';
import {
  createSimulatedProvider,
  type SimulatedCharge,
  toProviderCharge,
} from '@bulkhead/app/payment/src/providers/simulated';
import { webhookSecret } from './webhook-secret';

/** How a call to the provider goes: it may act without its answer arriving, at once or later. */
export type ProviderWeather = 'fine' | 'not-sent' | 'lost' | 'answer-lost' | 'late';

/** The simulated provider's own book without the HTTP around it, and what it has to tell by webhook. */
export function createExploredProvider() {
  const webhooks: { readonly id: string; readonly charge: SimulatedCharge }[] = [];
  const late: (() => void)[] = [];
  const book = createBook({
    maxCharges: Infinity,
    actionUrl: (id) => `http://bank.example/${id}`,
    onEntry: ({ key, answer }) => {
      if (answer.status < 300) webhooks.push({ id: key, charge: answer.body as SimulatedCharge });
    },
  });
  const http = createSimulatedProvider({ url: 'http://127.0.0.1:9', webhookSecrets: () => [webhookSecret] });
  const mischief = { refusesRefunds: false };

  const once = (key: string, act: () => BookResponse): BookResponse => book.known(key) ?? act();
  const effect = (weather: ProviderWeather, key: string, act: () => BookResponse): ProviderCharge => {
    if (weather === 'not-sent') throw new ProviderUnavailable('not-sent');
    if (weather === 'late') late.push(() => void once(key, act));
    if (weather === 'lost' || weather === 'late') throw new ProviderUnavailable('unknown');
    const { status, body } = once(key, act);
    if (weather === 'answer-lost') throw new ProviderUnavailable('unknown');
    if (status >= 300) throw new ProviderRefused((body as { error: string }).error);
    return toProviderCharge(body as SimulatedCharge);
  };

  return {
    book,
    webhooks,
    late,
    mischief,
    /** @param ask decides how the next call goes, when it is its turn */
    connect: (ask: (what: string) => Promise<ProviderWeather>): PaymentProvider => ({
      name: 'simulated',
      signatureHeader: 'webhook-signature',
      authorise: async ({ idempotencyKey, ...order }) =>
        effect(await ask('authorise'), idempotencyKey, () => book.charge(idempotencyKey, order, false)),
      capture: async ({ reference, amount, idempotencyKey }) =>
        effect(await ask('capture'), idempotencyKey, () => book.capture(idempotencyKey, reference, amount)),
      void: async ({ reference, idempotencyKey }) =>
        effect(await ask('void'), idempotencyKey, () => book.void(idempotencyKey, reference)),
      refund: async ({ reference, amount, refundId, idempotencyKey }) =>
        effect(await ask('refund'), idempotencyKey, () =>
          mischief.refusesRefunds
            ? { status: 409, body: { error: 'refused' } }
            : book.refund(idempotencyKey, reference, { amount, refundId, status: 'succeeded' }),
        ),
      async lookup({ orderId }) {
        const weather = await ask('lookup');
        if (weather !== 'fine')
          throw new ProviderUnavailable(weather === 'not-sent' ? 'not-sent' : 'unknown');
        const [first] = book.ofOrder(orderId);
        return first && toProviderCharge(first);
      },
      readWebhook: http.readWebhook,
      close: async () => undefined,
    }),
    close: () => http.close(),
  };
}

export type ExploredProvider = ReturnType<typeof createExploredProvider>;
