#!/usr/bin/env bash
# amqplib 2.3.1: waitForConfirms() resolves although the broker has refused messages, if their nacks came before it was called.
#
# Guess: it resolves when all that was published has been confirmed, and rejects where any of it was refused, so that
#   publishing a batch and calling waitForConfirms() tells whether the broker has taken it. Java's client keeps a note of
#   nacks until it is asked; and a channel that was lost before the call makes amqplib reject, too.
# Seen: a nack is forgotten once it has arrived. Published, then something else awaited, then waitForConfirms(): resolved.
#   Called before the nack arrives, it rejects. So with a full queue (x-overflow reject-publish; on RabbitMQ 4.0.5 1,998 of
#   2,000 messages) a program that awaits anything in between takes all for stored. Callbacks of publish() hear of each.
#
# amqplib publishes to a server on loopback that speaks as much AMQP as that takes, by pamqp 4.0.1, and refuses every
# message. Needs npm, Node.js 20 or later, and Python 3 with venv.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --loglevel=error amqplib@2.3.1 >/dev/null
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check pamqp==4.0.1

cat >server.py <<'PY'
import socket
from pamqp import body, commands, frame

listener = socket.create_server(("127.0.0.1", 0))
listener.settimeout(30)
print(listener.getsockname()[1], flush=True)
client, _ = listener.accept()
client.settimeout(30)
data = b""
tags = {}
replies = {
    commands.Connection.StartOk: commands.Connection.Tune(2047, 131072, 0),
    commands.Connection.Open: commands.Connection.OpenOk(),
    commands.Channel.Open: commands.Channel.OpenOk(),
    commands.Confirm.Select: commands.Confirm.SelectOk(),
    commands.Channel.Close: commands.Channel.CloseOk(),
    commands.Connection.Close: commands.Connection.CloseOk(),
}

def send(channel, method):
    client.sendall(frame.marshal(method, channel))

while not data.startswith(b"AMQP\x00\x00\x09\x01"):
    data += client.recv(4096)
data = data[8:]
send(0, commands.Connection.Start(0, 9, {"capabilities": {"publisher_confirms": True, "basic.nack": True}}, "PLAIN", "en_US"))
while True:
    consumed, channel, value = frame.unmarshal(data) if data else (0, None, None)
    if value is None:
        chunk = client.recv(4096)
        if not chunk:
            break
        data += chunk
        continue
    data = data[consumed:]
    if isinstance(value, body.ContentBody):
        tags[channel] += 1
        send(channel, commands.Basic.Nack(tags[channel]))
    elif type(value) in replies:
        if isinstance(value, commands.Channel.Open):
            tags[channel] = 0
        send(channel, replies[type(value)])
        if isinstance(value, commands.Connection.Close):
            break
PY
cat >publish.cjs <<'JS'
const amqp = require('amqplib');
const outcome = (promise) => promise.then(() => 'resolves', (error) => `rejects: ${error.message}`);
(async () => {
  const connection = await amqp.connect(`amqp://guest:guest@127.0.0.1:${process.argv[2]}`);
  const asked = async (isLate) => {
    const channel = await connection.createConfirmChannel();
    let told;
    const heard = new Promise((resolve) =>
      channel.publish('', 'full', Buffer.from('body'), {}, (error) => resolve((told = error ? 'refused' : 'stored'))),
    );
    if (isLate) await heard;
    const said = await outcome(channel.waitForConfirms());
    await heard;
    await channel.close();
    return `${said} (${told})`;
  };
  console.log(`called before the nack: ${await asked(false)}`);
  console.log(`called after the nack: ${await asked(true)}`);
  await connection.close();
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
JS
venv/bin/python server.py >said &
server=$!
for _ in $(seq 100); do [ -s said ] && break; sleep 0.1; done
seen=$(node publish.cjs "$(head -n 1 said)")
wait "$server"
echo "waitForConfirms()"
echo "$seen"
[ "$seen" = 'called before the nack: rejects: message nacked (refused)
called after the nack: resolves (refused)' ]
