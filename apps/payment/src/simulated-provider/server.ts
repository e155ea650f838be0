import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '@bulkhead/resilience/clock';
import type { z } from 'zod';
import type { SimulatedCharge, SimulatedRefund } from '../providers/simulated';
import { Behaviour, usualBehaviour } from './behaviour';
import { createBook } from './book';
import { createJournal } from './journal';
import { createRoutes } from './routes';
import { createWebhookSender } from './webhook-sender';

export interface SimulatedProviderOptions {
  readonly port: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  readonly clock: Clock;
  /** Default: none are sent. */
  readonly webhookUrl?: string | undefined;
  /** A function returns the current ones: several during a rotation. */
  readonly webhookSecret: string | (() => readonly string[]);
  readonly webhookHeaders?: () => Promise<Record<string, string>>;
  /** Keeps the book across restarts. Default: in memory only. */
  readonly bookFile?: string | undefined;
  /** Number of charges kept. Default 20 000. */
  readonly maxCharges?: number;
  /** Its address for buyers; default its own. */
  readonly publicUrl?: string | undefined;
  readonly random?: () => number;
}

export interface SimulatedProviderServer {
  readonly url: string;
  readonly port: number;
  /** Sets its behaviour from now on, like `PUT /control`. */
  control(behaviour: z.input<typeof Behaviour>): void;
  /** Every charge in its book. */
  charges(): SimulatedCharge[];
  /** The later status of a refund: a pending one succeeds or fails, a succeeded one fails. Reported by webhook. */
  settleRefund(id: string, status: SimulatedRefund['status']): void;
  stop(): Promise<void>;
}

/**
 * A payment provider of our own, as a real HTTP server: it declines, delays, fails, acts without responding, and sends
 * signed webhooks late, twice and out of order. Its book shows what was really charged.
 */
export async function startSimulatedProvider(
  options: SimulatedProviderOptions,
): Promise<SimulatedProviderServer> {
  const { clock, webhookSecret, random = Math.random, maxCharges = 20_000, host = '127.0.0.1' } = options;
  const journal =
    options.bookFile === undefined ? undefined : createJournal(options.bookFile, maxCharges * 6);
  const webhooks = createWebhookSender({
    url: options.webhookUrl,
    secrets: typeof webhookSecret === 'string' ? () => [webhookSecret] : webhookSecret,
    headers: options.webhookHeaders,
    clock,
    random,
  });
  let url = '';
  const book = createBook({
    maxCharges,
    actionUrl: (id) => `${options.publicUrl ?? url}/actions/${id}`,
    onEntry: (entry) => journal?.append(entry),
  });
  journal?.restore(book);

  const state = { behaviour: usualBehaviour };
  const handle = createRoutes({ book, webhooks, clock, random, state });
  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  return {
    url,
    port,
    control: (behaviour) => void (state.behaviour = Behaviour.parse(behaviour)),
    charges: () => book.all(),
    settleRefund(id, status) {
      const charge = book.settleRefund(id, status);
      if (!charge) throw new Error(`there is no refund ${id}`);
      webhooks.send(charge, state.behaviour.webhooks);
    },
    async stop() {
      await webhooks.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
