#!/usr/bin/env bash
# amqplib 2.3.1 on Node.js 24: text that holds no certificate is taken as `ca` without a word.
#
# Guess: `connect('amqps://…', { ca: ['no certificate'] })` fails with an error of its own (ERR_OSSL_PEM_NO_START_LINE), as
#   `cert` and `key` do, so that a variable with the path of a file in place of its text is told from a broker whose
#   certificate is of another authority.
# Seen: Node.js ignores it. What is left is a list of authorities without one in it, and the broker's certificate is
#   refused: DEPTH_ZERO_SELF_SIGNED_CERT, as if the right authority of another broker had been given.
#
# Needs npm, Node.js 20 or later and openssl.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --loglevel=error amqplib@2.3.1 >/dev/null
openssl req -x509 -nodes -days 1 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -subj /CN=localhost \
  -addext subjectAltName=DNS:localhost -keyout key -out cert 2>/dev/null
cat >connect.cjs <<'JS'
const amqp = require('amqplib');
const { readFileSync } = require('node:fs');
const tls = require('node:tls');
const server = tls.createServer({ key: readFileSync('key'), cert: readFileSync('cert') });
server.on('tlsClientError', () => undefined);
server.listen(0, '127.0.0.1', async () => {
  const codeOf = (options) =>
    amqp.connect(`amqps://localhost:${server.address().port}`, options).then(
      () => 'connected',
      (error) => error.code,
    );
  console.log(await codeOf({ ca: ['/etc/tls/ca.pem'] }), await codeOf({ ca: ['/etc/tls/ca.pem'], cert: '/etc/tls/cert.pem' }));
  process.exit(0);
});
JS
answer=$(node connect.cjs)
echo "as ca, and as cert: $answer"
[ "$answer" = 'DEPTH_ZERO_SELF_SIGNED_CERT ERR_OSSL_PEM_NO_START_LINE' ]
