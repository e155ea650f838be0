#!/usr/bin/env bash
# stripe 23.1.0 (npm): `maxNetworkRetries: 0` does not mean that a request is sent once.
#
# Guess: with `maxNetworkRetries: 0`, a request whose connection is closed before a response comes is sent once, and fails
#   with a StripeConnectionError; whoever called decides about a second attempt.
# Seen: it is sent twice. After ECONNRESET the package sends it again by itself, once, whatever `maxNetworkRetries` is, for
#   a POST that moves money, too. Both carry the same Idempotency-Key, the caller's or one that the package makes up.
#
# Needs npm and Node.js 20 or later.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --loglevel=error stripe@23.1.0 >/dev/null

cat >ask.mjs <<'JS'
import { createServer } from 'node:http';
import Stripe from 'stripe';

let requests = [];
// A server that takes the whole request and then closes the connection, as one does that is being replaced.
const server = createServer((incoming) => {
  incoming.resume().on('end', () => {
    requests.push(incoming.headers['idempotency-key'] ?? 'no key');
    incoming.socket.resetAndDestroy();
  });
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const stripe = new Stripe('sk_test_of_nobody', {
  host: '127.0.0.1',
  port: server.address().port,
  protocol: 'http',
  maxNetworkRetries: 0,
  telemetry: false,
});
const body = { amount: 1000, currency: 'eur' };
for (const options of [{ idempotencyKey: 'mine' }, {}]) {
  requests = [];
  const failure = await stripe.paymentIntents.create(body, options).catch((error) => error.type);
  console.log(`${failure}: sent ${requests.length} times, with ${[...new Set(requests)].join(' and ').replace(/stripe-node-retry-.*/, 'a key of its own')}`);
}
server.close();
JS
seen=$(node ask.mjs)
echo "$seen"
[ "$seen" = 'StripeConnectionError: sent 2 times, with mine
StripeConnectionError: sent 2 times, with a key of its own' ]
