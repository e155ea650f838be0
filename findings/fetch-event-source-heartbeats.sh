#!/usr/bin/env bash
# @microsoft/fetch-event-source 2.0.1 (npm): a block of server-sent events without `data`, such as a comment that keeps the
# connection alive, is passed to `onmessage` as an event with empty data.
#
# Guess: as WHATWG HTML (9.2.6, "dispatch the event") has it, a block without data is no event: comments are dropped, and an
#   `id` alone only moves the point at which to resume. `EventSource` of undici 8.12.4 and eventsource 4.1.1 do so.
# Seen: each blank line ends in a call of `onmessage`. Its `data` is the empty string, with which JSON.parse throws; what
#   `onmessage` throws ends the stream and counts as a lost connection, so that a quiet stream reconnects at each heartbeat.
#
# Needs npm and Node.js 20 or later.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --loglevel=error @microsoft/fetch-event-source@2.0.1 undici@8.12.4 >/dev/null

cat >ask.mjs <<'JS'
import { createServer } from 'node:http';
import { EventSource } from 'undici';

// What the package asks a browser about: whether the page is visible.
globalThis.window = globalThis;
globalThis.document = { hidden: false, addEventListener() {}, removeEventListener() {} };
const { fetchEventSource } = await import('@microsoft/fetch-event-source');

const server = createServer((request, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(': heartbeat\n\nid: 7\n\ndata: {"status":"confirmed"}\n\n');
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${server.address().port}/`;

const byPackage = await new Promise((resolve) => {
  const seen = [];
  fetchEventSource(url, {
    openWhenHidden: true,
    onmessage({ data }) {
      seen.push(data);
      if (data !== '') resolve(seen);
    },
  });
});
const byUndici = await new Promise((resolve) => {
  const seen = [];
  new EventSource(url).onmessage = ({ data }) => resolve([...seen, data]);
});
console.log(`undici: ${JSON.stringify(byUndici)}`);
console.log(`@microsoft/fetch-event-source: ${JSON.stringify(byPackage)}`);
process.exit();
JS
seen=$(node --no-warnings ask.mjs)
echo "$seen"
[ "$seen" = 'undici: ["{\"status\":\"confirmed\"}"]
@microsoft/fetch-event-source: ["","","{\"status\":\"confirmed\"}"]' ]
