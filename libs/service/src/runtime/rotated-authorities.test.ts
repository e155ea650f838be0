import { chownSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createServer as createTlsServer, type Server } from 'node:tls';
import { withClient } from '@bulkhead/database/admin-client';
import { createDatabase } from '@bulkhead/database/pool';
import { openConnection } from '@bulkhead/messaging/rabbitmq/connection';
import { systemClock } from '@bulkhead/resilience/clock';
import { type Certificate, createAuthority } from '@bulkhead/testing/authority';
import { eventually } from '@bulkhead/testing/eventually';
import { startTestPostgres } from '@bulkhead/development/test-postgres';
import { createTestBroker } from '@bulkhead/messaging/testing/rabbitmq';
import { loadConfig } from '../config';
import { createUrlKeySet } from '../identity/key-set';
import { DatabaseConfig } from './base-config';
import { databaseLogins } from './database-logins';

/** A server that speaks TLS with the certificate it is given, and whether a service reaches it now. */
interface Secured {
  present(certificate: Certificate): Promise<void>;
  /** By a connection that is made now. @throws the reason why not */
  reach(): Promise<void>;
  stop(): Promise<void>;
}

let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'bulkhead-authorities-'));
  file = path.join(folder, 'ca.crt');
});
afterAll(() => rmSync(folder, { recursive: true }));
const config = () =>
  loadConfig(DatabaseConfig, {
    DATABASE_URL: 'postgres://nobody@127.0.0.1/none',
    RABBITMQ_URL: 'amqps://127.0.0.1',
    RABBITMQ_CA_FILE: file,
  });

const listening = (server: Server | ReturnType<typeof createHttpsServer>) =>
  new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)),
  );
const closed = (server: Server | ReturnType<typeof createHttpsServer>) =>
  new Promise<void>((resolve) => server.close(() => resolve()));

const servers: Record<string, () => Promise<Secured>> = {
  async PostgreSQL() {
    const server = await startTestPostgres();
    const administer = (statement: string) => withClient(server.adminUrl, (admin) => admin.query(statement));
    const url = new URL(server.adminUrl);
    url.hostname = 'localhost';
    return {
      async present({ cert, key }) {
        const { rows } = await administer('show data_directory');
        const dataDir = (rows[0] as { data_directory: string }).data_directory;
        const { uid, gid } = statSync(dataDir);
        for (const [name, content] of Object.entries({ 'server.crt': cert, 'server.key': key })) {
          writeFileSync(path.join(dataDir, `${name}.new`), content, { mode: 0o600 });
          chownSync(path.join(dataDir, `${name}.new`), uid, gid);
          renameSync(path.join(dataDir, `${name}.new`), path.join(dataDir, name));
        }
        await administer('alter system set ssl = on');
        await administer('select pg_reload_conf()');
        await eventually(async () => {
          const { rows: said } = await administer('show ssl');
          return (said[0] as { ssl: string }).ssl === 'on';
        });
      },
      async reach() {
        const database = createDatabase({
          url: databaseLogins({
            ...loadConfig(DatabaseConfig, { DATABASE_URL: url.href, RABBITMQ_URL: 'amqp://127.0.0.1' }),
            DATABASE_CA_FILE: file,
          }),
          applicationName: 'authorities',
        });
        try {
          const { rows } = await database.query<{ ssl: boolean }>({
            text: 'select ssl from pg_stat_ssl where pid = pg_backend_pid()',
          });
          expect(rows).toEqual([{ ssl: true }]);
        } finally {
          await database.close();
        }
      },
      stop: () => server.stop(),
    };
  },
  async RabbitMQ() {
    const broker = await createTestBroker();
    const { hostname, port } = new URL(broker.url);
    const sockets = new Set<Socket>();
    const server = createTlsServer((socket) => {
      const onward = connectTcp(Number(port), hostname);
      for (const end of [socket, onward])
        end
          .on('error', () => undefined)
          .on('close', () => [socket, onward].forEach((each) => each.destroy()));
      sockets.add(socket);
      socket.pipe(onward).pipe(socket);
    });
    const url = Object.assign(new URL(broker.url.replace('amqp:', 'amqps:')), {
      hostname: 'localhost',
      port: await listening(server),
    }).href;
    const { RABBITMQ_CA: ca } = config();
    return {
      present: async ({ cert, key }) => server.setSecureContext({ cert, key }),
      async reach() {
        let failure: unknown;
        const connection = openConnection({
          url,
          ca: () => ca!.value,
          name: 'authorities',
          clock: systemClock,
          observer: { connection: ({ error }) => void (failure = error) },
          random: Math.random,
        });
        try {
          await eventually(() => connection.current() !== undefined || failure !== undefined);
          if (failure) throw failure as Error;
        } finally {
          await connection.close();
        }
      },
      async stop() {
        for (const socket of sockets) socket.destroy();
        await closed(server);
        await broker.drop();
      },
    };
  },
  async 'the issuer of service tokens'() {
    const server = createHttpsServer((_request, response) => {
      response.setHeader('connection', 'close').end('{"keys":[]}');
    });
    const port = await listening(server);
    const { RABBITMQ_CA: ca } = config();
    const keys = createUrlKeySet(`https://localhost:${port}`, systemClock, { ca: () => ca!.value });
    return {
      present: async ({ cert, key }) => server.setSecureContext({ cert, key }),
      async reach() {
        const answered = new Promise<'answered'>((resolve) =>
          server.once('request', () => resolve('answered')),
        );
        const given = new Promise<'refused'>((resolve) =>
          server.once('tlsClientError', () => resolve('refused')),
        );
        await keys.refresh();
        if ((await Promise.race([answered, given])) === 'refused')
          throw new Error('the certificate is not trusted');
      },
      stop: () => closed(server),
    };
  },
};

test.each(Object.keys(servers))(
  '%s is reached while its authority is replaced by way of a bundle of both',
  async (name) => {
    const [old, young] = [createAuthority('old'), createAuthority('young')];
    writeFileSync(file, old.ca);
    const server = await servers[name]!();
    try {
      await server.present(old.issue(['localhost']));
      await server.reach();
      writeFileSync(file, `${old.ca}${young.ca}`);
      await server.reach();
      await server.present(young.issue(['localhost']));
      await server.reach();
      writeFileSync(file, old.ca);
      await expect(server.reach()).rejects.toThrow();
      writeFileSync(file, young.ca);
      await server.reach();
    } finally {
      await server.stop();
    }
  },
  60_000,
);
