#!/usr/bin/env bash
# amqplib 2.3.1: a password in the URL that is not ASCII is sent garbled, and the broker refuses the login.
#
# Guess: user and password in an AMQP URL are percent-encoded UTF-8 (RFC 3986), as `encodeURIComponent`, `new URL` and
#   RabbitMQ's own URI specification write them, so amqplib decodes them like that. Its vhost it does.
# Seen: it uses `unescape`, which takes each %XX for a Latin-1 character: %C3%A4 (ä) becomes "Ã¤", four bytes in place of
#   two. There is no error but the broker's 403. `credentials.plain(user, password)` in the socket options is sent as it is.
#
# amqplib connects to a server on loopback that speaks as much AMQP as that takes, by pamqp 4.0.1 of PyPI, and prints the
# password as it came, in hex. Needs npm, Node.js 20 or later, and Python 3 with venv.
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
for _ in range(2):
    client, _ = listener.accept()
    client.settimeout(30)
    data = b""
    while not data.startswith(b"AMQP\x00\x00\x09\x01"):
        data += client.recv(4096)
    data = data[8:]
    client.sendall(frame.marshal(commands.Connection.Start(0, 9, {}, "PLAIN", "en_US"), 0))
    while True:
        consumed, channel, value = frame.unmarshal(data) if data else (0, None, None)
        if value is not None:
            break
        data += client.recv(4096)
    response = value.response if isinstance(value.response, bytes) else value.response.encode()
    print(response.split(b"\x00")[2].hex(), flush=True)
    client.close()
PY
cat >connect.cjs <<'JS'
const { connect, credentials } = require('amqplib');
const url = `amqp://shop:${encodeURIComponent('ä')}@127.0.0.1:${process.argv[2]}`;
(async () => {
  await connect(url).catch(() => undefined);
  await connect(url, { credentials: credentials.plain('shop', 'ä') }).catch(() => undefined);
})();
JS
venv/bin/python server.py >said &
server=$!
for _ in $(seq 100); do [ -s said ] && break; sleep 0.1; done
node connect.cjs "$(head -n 1 said)"
wait "$server"
from_url=$(sed -n 2p said)
given=$(sed -n 3p said)
echo "from the URL: $from_url, given by itself: $given (UTF-8 of ä is c3a4)"
[ "$from_url" = c383c2a4 ] && [ "$given" = c3a4 ]
