#!/usr/bin/env bash
# amqplib 2.3.1: why a broker does not open a virtual host is not told.
#
# Guess: a broker that refuses closes the connection with a reply code and text (530, NOT_ALLOWED - vhost shop not found),
#   and the error that connect() rejects with holds both, as the error of a channel does ("Channel closed by server: 404
#   (NOT-FOUND) with message …"). So the three cases that end this way can be told apart by the text.
# Seen: "Expected ConnectionOpenOk; got <ConnectionClose channel:0>", without code, classId or text: a virtual host that
#   does not exist, one that the user may not use and one that is full read the same.
#
# amqplib connects to a server on loopback that speaks as much AMQP as that takes, by pamqp 4.0.1. Needs npm, Node.js 20 or
# later, and Python 3 with venv.
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
from pamqp import commands, frame

listener = socket.create_server(("127.0.0.1", 0))
listener.settimeout(30)
print(listener.getsockname()[1], flush=True)
client, _ = listener.accept()
client.settimeout(30)
data = b""
while not data.startswith(b"AMQP\x00\x00\x09\x01"):
    data += client.recv(4096)
data = data[8:]

def send(method):
    client.sendall(frame.marshal(method, 0))

send(commands.Connection.Start(0, 9, {}, "PLAIN", "en_US"))
while True:
    consumed, _, value = frame.unmarshal(data) if data else (0, None, None)
    if value is None:
        chunk = client.recv(4096)
        if not chunk:
            break
        data += chunk
        continue
    data = data[consumed:]
    if isinstance(value, commands.Connection.StartOk):
        send(commands.Connection.Tune(2047, 131072, 0))
    if isinstance(value, commands.Connection.Open):
        send(commands.Connection.Close(530, "NOT_ALLOWED - vhost shop not found", 10, 40))
    if isinstance(value, commands.Connection.CloseOk):
        break
PY
cat >connect.cjs <<'JS'
const amqp = require('amqplib');
amqp.connect(`amqp://guest:guest@127.0.0.1:${process.argv[2]}/shop`).then(
  () => console.log('connected'),
  (error) => {
    console.log(JSON.stringify({ message: error.message, code: error.code, text: error.stack.includes('NOT_ALLOWED') }));
    process.exit(0);
  },
);
JS
venv/bin/python server.py >said &
server=$!
for _ in $(seq 100); do [ -s said ] && break; sleep 0.1; done
answer=$(node connect.cjs "$(head -n 1 said)")
wait "$server" || true
echo "connect() rejects with: $answer"
[ "$answer" = '{"message":"Expected ConnectionOpenOk; got <ConnectionClose channel:0>","text":false}' ]
