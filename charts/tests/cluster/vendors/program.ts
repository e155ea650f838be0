/**
 * What other companies run for a shop, as one program in a pod: Stripe's API with its webhooks, and a mail server that
 * takes mail after STARTTLS and a login only. CONFIG is a `VendorConfig` as JSON; the control port shows what came.
 */
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type StripeEvent, StripeServer } from '@bulkhead/app/payment/src/testing/stripe-server';
import { startMailbox } from '@bulkhead/testing/smtp';

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
}
export const vendorPorts = { stripe: 8443, smtp: 587, control: 8025 };

/** As https://docs.stripe.com/webhooks signs them: while a secret is rolled, with the old one and the new one. */
async function deliver(event: StripeEvent, { webhooks, secrets }: VendorConfig['stripe']): Promise<void> {
  const body = JSON.stringify(event);
  for (let attempt = 0; attempt < 6; attempt += 1) {
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
    if (response?.ok) return;
    await sleep(1_000 * 2 ** attempt);
  }
}

async function main(config: VendorConfig): Promise<void> {
  const host = '0.0.0.0';
  const stripe = new StripeServer();
  let current = config.stripe;
  stripe.keys = current.keys;
  stripe.onEvent = (event) => void deliver(event, current);
  await stripe.start({ port: vendorPorts.stripe, host });
  const { user, password, ...tls } = config.smtp;
  const mailbox = await startMailbox({ port: vendorPorts.smtp, host, tls, login: { user, password } });
  const control = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => (text += chunk));
    request.on('end', () => {
      const path = request.url?.split('?')[0];
      // Keys and secrets that are rolled.
      if (path === '/stripe' && request.method === 'PUT') {
        current = { ...current, ...(JSON.parse(text) as object) };
        stripe.keys = current.keys;
        return void response.writeHead(204).end();
      }
      const shown =
        path === '/mails'
          ? mailbox.messages()
          : { intents: [...stripe.intents.values()], refunds: [...stripe.refunds.values()] };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(shown));
    });
  });
  control.listen(vendorPorts.control, host);
}

// Imported, it only lends its types and ports.
if (process.env['CONFIG']) void main(JSON.parse(process.env['CONFIG']) as VendorConfig);
