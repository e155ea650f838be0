/**
 * What other companies run for a shop, as one program in a pod: Stripe's API with its webhooks, a mail server that takes
 * mail after STARTTLS and a login only, and a load balancer in front of the shop. CONFIG is a `VendorConfig` as JSON; the
 * control port shows what came, and changes secrets.
 */
import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { type StripeEvent, StripeServer } from '@bulkhead/app/payment/src/testing/stripe-server';
import { startMailbox } from '@bulkhead/testing/smtp';
import { askAs, type ClientRequest, createAppendingProxy, type Reply } from './appending-proxy';

export interface VendorConfig {
  readonly stripe: {
    readonly keys: readonly string[];
    readonly webhooks: string;
    readonly secrets: readonly string[];
  };
  readonly smtp: {
    readonly user: string;
    readonly password: string;
    readonly key: string;
    readonly cert: string;
  };
  /** The shop's gateway, which the load balancer is in front of. */
  readonly gateway: string;
}
export const vendorPorts = { stripe: 8443, smtp: 587, control: 8025, loadBalancer: 8080 };

/** How the shop's responses to webhooks went. */
interface WebhookCounts {
  accepted: number;
  /** 4xx: the signature is not the shop's, for one. */
  refused: number;
}

/** As https://docs.stripe.com/webhooks signs them: while a secret is rolled, with the old one and the new one. */
async function deliver(
  event: StripeEvent,
  current: () => VendorConfig['stripe'],
  counts: WebhookCounts,
): Promise<void> {
  const body = JSON.stringify(event);
  for (let attempt = 0; attempt < 6; attempt += 1) {
    const { webhooks, secrets } = current();
    const at = Math.floor(Date.now() / 1_000);
    const sign = (secret: string) => createHmac('sha256', secret).update(`${at}.${body}`).digest('hex');
    const signature = [`t=${at}`, ...secrets.map((secret) => `v1=${sign(secret)}`)].join();
    const headers = { 'content-type': 'application/json', 'stripe-signature': signature };
    const response = await fetch(webhooks, {
      method: 'POST',
      headers,
      body,
      signal: AbortSignal.timeout(5_000),
    }).catch(() => undefined);
    if (response?.ok) return void (counts.accepted += 1);
    if (response && response.status < 500 && response.status !== 429) counts.refused += 1;
    await sleep(1_000 * 2 ** attempt);
  }
}

async function main(config: VendorConfig): Promise<void> {
  const host = '0.0.0.0';
  const stripe = new StripeServer();
  const webhooks: WebhookCounts = { accepted: 0, refused: 0 };
  let current = config.stripe;
  stripe.keys = current.keys;
  stripe.onEvent = (event) => void deliver(event, () => current, webhooks);
  await stripe.start({ port: vendorPorts.stripe, host });
  const { user, password, ...tls } = config.smtp;
  const mailbox = await startMailbox({ port: vendorPorts.smtp, host, tls, login: { user, password } });
  createAppendingProxy(config.gateway).listen(vendorPorts.loadBalancer, host);

  const operations: Record<string, (given: never) => unknown> = {
    'GET /': () => ({
      intents: [...stripe.intents.values()],
      refunds: [...stripe.refunds.values()],
      webhooks,
    }),
    'GET /mails': () => mailbox.messages(),
    'PUT /stripe': (change: Partial<VendorConfig['stripe']>) => {
      current = { ...current, ...change };
      stripe.keys = current.keys;
    },
    'PUT /smtp': ({ password: young }: { password: string }) => mailbox.changePassword(young),
    'POST /clients': async (requests: readonly ClientRequest[]) => {
      const replies: Reply[] = [];
      for (const each of requests) replies.push(await askAs(each, vendorPorts.loadBalancer));
      return replies;
    },
  };
  const operate = async (request: IncomingMessage) => {
    const given = await text(request);
    const operation = operations[`${request.method} ${request.url?.split('?')[0]}`];
    if (!operation) throw new Error(`there is no ${request.method} ${request.url}`);
    return operation((given ? JSON.parse(given) : undefined) as never);
  };
  createServer((request, response) => {
    operate(request).then(
      (result) =>
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(result ?? null)),
      (error: Error) => response.writeHead(500).end(error.message),
    );
  }).listen(vendorPorts.control, host);
}

// Imported, it only lends its types and ports.
if (process.env['CONFIG']) void main(JSON.parse(process.env['CONFIG']) as VendorConfig);
