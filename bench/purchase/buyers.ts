import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { message } from '../processes';

/** People who buy one thing after the other, each waiting for an order before placing the next. */
export interface Buyers {
  readonly origin: string;
  readonly tokens: readonly string[];
  readonly productIds: readonly string[];
  readonly seconds: number;
}

/** What became of them. */
export interface Purchases {
  /** Orders that were confirmed or accepted, in a second. */
  readonly perSecond: number;
  /** Attempts that were refused for want of room (503, 429, or 409 while the first attempt runs), and made again. */
  readonly refused: number;
  /** ms of each `POST /orders` that was served. */
  readonly servedMs: readonly number[];
  /** Of orders that were accepted (202) and go on: where to look for them, and with what token. */
  readonly pending: readonly { readonly orderId: string; readonly token: string }[];
}

const mayRepeat = new Set([409, 429, 503, 504]);
const pauseMs = { least: 50, most: 250 };

/** Lets them buy, from a process of its own. @throws Error when an order ended in anything but success or a refusal */
export async function letBuy(buyers: Buyers): Promise<Purchases> {
  const child = fork(__filename, ['buyers'], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  child.send(buyers);
  const { failure, ...purchases } = await message<Purchases & { failure?: string }>(
    child,
    buyers.seconds * 1_000 + 40_000,
  );
  if (failure !== undefined) throw new Error(failure);
  return purchases;
}

/** The buyers' side. */
export function runBuyers(): void {
  process.once('message', (buyers: Buyers) => {
    void purchase(buyers).then((outcome) => process.send?.(outcome, () => process.exit(0)));
  });
}

interface Reply {
  readonly status: number;
  readonly text: string;
}

async function purchase({ origin, tokens, productIds, seconds }: Buyers) {
  const agent = new Agent({ keepAlive: true, maxSockets: Infinity });
  const servedMs: number[] = [];
  const pending: { orderId: string; token: string }[] = [];
  let refused = 0;
  let failure: string | undefined;

  const order = (token: string, productId: string, key: string) =>
    new Promise<Reply>((resolve) => {
      const body = JSON.stringify({ items: [{ productId, quantity: 1 }], paymentMethod: 'pm_ok' });
      const headers = {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'idempotency-key': key,
      };
      const outgoing = request(new URL('/api/v1/orders', origin), { method: 'POST', agent, headers });
      outgoing.once('response', (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.once('end', () => resolve({ status: response.statusCode!, text }));
      });
      outgoing.once('error', (error) => resolve({ status: 0, text: error.message }));
      outgoing.end(body);
    });

  const begunAt = performance.now();
  const overAt = begunAt + seconds * 1_000;
  await Promise.all(
    tokens.map(async (token, index) => {
      let key = randomUUID();
      for (let made = 0; performance.now() < overAt && failure === undefined;) {
        const since = performance.now();
        const { status, text } = await order(token, productIds[(index + made) % productIds.length]!, key);
        if (status === 201 || status === 202) {
          servedMs.push(performance.now() - since);
          if (status === 202) pending.push({ orderId: (JSON.parse(text) as { id: string }).id, token });
          key = randomUUID();
          made += 1;
        } else if (mayRepeat.has(status)) {
          refused += 1;
          const { least, most } = pauseMs;
          await new Promise((resolve) => setTimeout(resolve, least + Math.random() * (most - least)));
        } else failure = `an order was answered with ${status}: ${text}`;
      }
    }),
  );
  const tookMs = performance.now() - begunAt;
  return { perSecond: (servedMs.length * 1_000) / tookMs, refused, servedMs, pending, failure };
}
