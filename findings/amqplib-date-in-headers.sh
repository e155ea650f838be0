#!/usr/bin/env bash
# amqplib 2.3.1: a Date among a message's headers is sent as an empty table.
#
# Guess: AMQP 0-9-1 field tables have a timestamp type ('T'). amqplib reads it (a header set by another client arrives as
#   { '!': 'timestamp', value }), so it will write a Date as one, or refuse it. pamqp, a peer from PyPI, writes datetimes so.
# Seen: neither. Date is an object without properties of its own, so an empty table ('F') goes out: no error, no warning,
#   and the time is gone. `{ '!': 'timestamp', value: SECONDS }` is what has to be written.
#
# amqplib publishes to a server on loopback that speaks as much AMQP as that takes, by pamqp 4.0.1, and prints the headers
# as they came. Needs npm, Node.js 20 or later, and Python 3 with venv.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --loglevel=error amqplib@2.3.1 >/dev/null
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check pamqp==4.0.1

cat >server.py <<'PY'
import json, socket, sys
from pamqp import commands, frame, header, heartbeat

listener = socket.create_server(("127.0.0.1", 0))
listener.settimeout(30)
print(listener.getsockname()[1], flush=True)
client, _ = listener.accept()
client.settimeout(30)
data = b""

def send(channel, method):
    client.sendall(frame.marshal(method, channel))

answers = {
    commands.Connection.StartOk: commands.Connection.Tune(2047, 131072, 0),
    commands.Connection.Open: commands.Connection.OpenOk(),
    commands.Channel.Open: commands.Channel.OpenOk(),
    commands.Channel.Close: commands.Channel.CloseOk(),
    commands.Connection.Close: commands.Connection.CloseOk(),
}
while not data.startswith(b"AMQP\x00\x00\x09\x01"):
    data += client.recv(4096)
data = data[8:]
send(0, commands.Connection.Start(0, 9, {}, "PLAIN", "en_US"))
while True:
    consumed, channel, value = frame.unmarshal(data) if data else (0, None, None)
    if value is None:
        chunk = client.recv(4096)
        if not chunk:
            break
        data += chunk
        continue
    data = data[consumed:]
    if isinstance(value, header.ContentHeader):
        print(json.dumps(value.properties.headers, default=lambda v: {"datetime": v.isoformat()}), flush=True)
    elif type(value) in answers:
        send(channel, answers[type(value)])
        if isinstance(value, commands.Connection.Close):
            break
PY
cat >publish.cjs <<'JS'
const amqp = require('amqplib');
(async () => {
  const connection = await amqp.connect(`amqp://guest:guest@127.0.0.1:${process.argv[2]}`);
  const channel = await connection.createChannel();
  const time = new Date('2026-01-01T00:00:00Z');
  channel.publish('', 'queue', Buffer.from('body'), {
    headers: { date: time, typed: { '!': 'timestamp', value: time.getTime() / 1000 } },
  });
  await channel.close();
  await connection.close();
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
JS
venv/bin/python server.py >said &
server=$!
for _ in $(seq 100); do [ -s said ] && break; sleep 0.1; done
node publish.cjs "$(head -n 1 said)"
wait "$server"
headers=$(tail -n 1 said)
echo "headers as they came: $headers"
[ "$headers" = '{"date": {}, "typed": {"datetime": "2026-01-01T00:00:00+00:00"}}' ]
