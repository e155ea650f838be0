import { randomUUID } from 'node:crypto';
import type { Clock } from '@bulkhead/resilience/clock';
import { request } from 'undici';
import type { SimulatedCharge } from '../providers/simulated';
import { signWebhook } from '../providers/webhook-signature';
import type { Behaviour } from './behaviour';

export interface WebhookSenderOptions {
  /** Destination of webhooks; without one, none are sent. */
  readonly url: string | undefined;
  /** Each webhook is signed with all, as Stripe does during a rotation of the secret. */
  readonly secrets: () => readonly string[];
  /** Sent along with each: replaces the gateway where there is none. */
  readonly headers?: (() => Promise<Record<string, string>>) | undefined;
  readonly clock: Clock;
  readonly random: () => number;
}

export interface WebhookSender {
  send(charge: SimulatedCharge, behaviour: Behaviour['webhooks']): void;
  /** Drops pending webhooks, and waits for those being sent. */
  stop(): Promise<void>;
}

const maxPending = 10_000;
const maxAttempts = 5;
const answerWithinMs = 5_000;

/** Reports every change of a charge to the shop; retries with growing delays until the shop responds with 2xx. */
export function createWebhookSender(options: WebhookSenderOptions): WebhookSender {
  const { url, secrets, clock, random } = options;
  const stopping = new AbortController();
  const pending = new Set<Promise<void>>();

  const post = async (target: string, body: string): Promise<boolean> => {
    const { statusCode, body: response } = await request(target, {
      method: 'POST',
      headers: {
        ...(await options.headers?.()),
        'content-type': 'application/json',
        'webhook-signature': signWebhook(body, secrets(), clock.now()),
      },
      body,
      signal: stopping.signal,
      headersTimeout: answerWithinMs,
      bodyTimeout: answerWithinMs,
    });
    await response.dump();
    return statusCode < 300;
  };

  const deliver = async (target: string, body: string, delayMs: number): Promise<void> => {
    for (let attempt = 1; attempt <= maxAttempts; attempt++) {
      await clock.sleep(attempt === 1 ? delayMs : 500 * 2 ** attempt, stopping.signal);
      if (await post(target, body).catch(() => false)) return;
      if (stopping.signal.aborted) return;
    }
  };

  return {
    send(charge, { enabled, delayMs, duplicate, outOfOrder }) {
      if (!url || !enabled) return;
      const body = JSON.stringify({ id: `evt_${randomUUID()}`, charge });
      for (let copies = duplicate ? 2 : 1; copies > 0 && pending.size < maxPending; copies--) {
        const delay = delayMs + (outOfOrder ? random() * (delayMs + 1_000) : 0);
        const delivery: Promise<void> = deliver(url, body, delay)
          .catch(() => undefined)
          .finally(() => pending.delete(delivery));
        pending.add(delivery);
      }
    },
    async stop() {
      stopping.abort(new Error('the provider stops'));
      await Promise.all(pending);
    },
  };
}
