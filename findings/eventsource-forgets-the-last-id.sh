#!/usr/bin/env bash
# eventsource 4.1.1 (npm): an event without an `id` has the `lastEventId` '', and a block with an `id` alone does not move the
# point at which the stream is resumed.
#
# Guess: as WHATWG HTML (9.2.6) has it, the last event id stays until another one comes: an event without an id of its own has
#   that of the event before, and an `id` without data counts, too, so that a server can move the point at which to resume
#   past what it left out. `EventSource` of undici 8.12.4 does so.
# Seen: `lastEventId` is the id of the same block or ''; the header Last-Event-ID of the next connection is that of the last
#   block with both an id and data.
#
# Needs npm and Node.js 20 or later.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --loglevel=error eventsource@4.1.1 undici@8.12.4 >/dev/null

cat >ask.mjs <<'JS'
import { createServer } from 'node:http';
import { EventSource as OfPackage } from 'eventsource';
import { EventSource as OfUndici } from 'undici';

for (const [name, EventSource] of Object.entries({ undici: OfUndici, eventsource: OfPackage })) {
  const ids = [];
  let resumed;
  const server = createServer((request, response) => {
    if (request.headers['last-event-id'] !== undefined) return resumed(request.headers['last-event-id']);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end('retry: 50\n\nid: 1\ndata: first\n\ndata: second\n\nid: 2\n\n');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const resumedAfter = await new Promise((resolve) => {
    resumed = resolve;
    const source = new EventSource(`http://127.0.0.1:${server.address().port}/`);
    source.onmessage = ({ data, lastEventId }) => ids.push(`${data} ${JSON.stringify(lastEventId)}`);
  });
  console.log(`${name}: ${ids.join(', ')}; resumed after ${resumedAfter}`);
}
process.exit();
JS
seen=$(node --no-warnings ask.mjs)
echo "$seen"
[ "$seen" = 'undici: first "1", second "1"; resumed after 2
eventsource: first "1", second ""; resumed after 1' ]
