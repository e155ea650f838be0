import { join } from 'node:path';
import { internalApis } from '@bulkhead/contracts/apis';
import { authInternal } from '@bulkhead/contracts/auth/api';
import type { EventDefinition } from '@bulkhead/contracts/event';
import { type ErasingService, erasingServices, type ServiceName } from '@bulkhead/contracts/services';
import type { Clock } from '@bulkhead/resilience/clock';
import { problem } from '@bulkhead/service/errors';
import { implement, type Operation } from '@bulkhead/service/http/operation';
import { randomIds } from '@bulkhead/service/ids';
import type { ServiceDefinition } from '@bulkhead/service/service';
import {
  createTestNetwork,
  startTestService,
  type TestService,
} from '@bulkhead/service/testing/test-service';
import { z } from 'zod';
import { profileService } from '../app';

/** A response as seen by a client. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any;
}

/** The state of the fake auth, and whether it responds. */
export interface FakeAuth {
  readonly accounts: Map<string, { readonly email: string; readonly name: string | null }>;
  /** The person whose resignation it rejects. */
  lastAdmin: string | undefined;
  away: boolean;
  asked: number;
}

export interface ProfileUnderTest {
  readonly service: TestService;
  readonly auth: FakeAuth;
  /** Its peers, each a real server; stop one to test without it. */
  readonly peers: ReadonlyMap<ErasingService, TestService>;
  send(userId: string, method: string, path: string, options?: SendOptions): Promise<Reply>;
  contact(userId: string, caller?: ServiceName): Promise<Reply>;
  /** Creates an account at auth that profile does not know of. */
  person(name?: string): string;
  /** Publishes an event to the queue of a consumer group of profile. */
  deliver(group: string, definition: EventDefinition, data: Record<string, string>): Promise<void>;
  stop(): Promise<void>;
}

export interface SendOptions {
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

const peer = (name: ServiceName, operations: Operation[]): ServiceDefinition => ({
  name,
  config: z.object({}),
  peers: [],
  database: false,
  create: () => ({ operations }),
});

export async function startProfile(clock?: Clock): Promise<ProfileUnderTest> {
  const network = await createTestNetwork();
  const auth: FakeAuth = { accounts: new Map(), lastAdmin: undefined, away: false, asked: 0 };
  const items = (from: string) => async () => ({ status: 200 as const, body: { items: [{ from }] } });
  const authOperations = [
    implement(authInternal.contact, async ({ params: { userId } }) => {
      auth.asked += 1;
      if (auth.away) throw problem('unavailable');
      const account = auth.accounts.get(userId);
      if (!account) throw problem('not-found');
      return { status: 200, body: { userId, emailVerified: false, ...account } };
    }),
    implement(authInternal.resign, async ({ params: { userId } }) => {
      if (auth.away) throw problem('unavailable');
      if (auth.lastAdmin === userId)
        throw problem('conflict', 'The shop must keep at least one administrator.');
      return { status: 204 };
    }),
    implement(authInternal.exportUser, items('auth')),
  ];
  const peers = new Map<ErasingService, TestService>();
  for (const name of erasingServices) {
    const operations =
      name === 'auth' ? authOperations : [implement(internalApis[name].exportUser, items(name))];
    peers.set(name, await startTestService(peer(name, operations), { network }));
  }
  const service = await startTestService(profileService, {
    network,
    ...(clock ? { clock } : {}),
    migrationsDir: join(__dirname, '../../prisma/migrations'),
  });

  const request = async (
    method: string,
    path: string,
    headers: Record<string, string>,
    body?: unknown,
  ): Promise<Reply> => {
    const response = await fetch(service.origin + path, {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === '' ? undefined : (JSON.parse(text) as unknown),
    };
  };

  return {
    service,
    auth,
    peers,
    send: async (userId, method, path, { body, headers } = {}) =>
      request(method, `/api/v1/me${path}`, { ...(await service.as(userId)), ...headers }, body),
    contact: async (userId, caller = 'notification') =>
      request('GET', `/internal/profiles/${userId}/contact`, await service.asService(caller)),
    person(name = 'Ada Lovelace') {
      const userId = randomIds.next();
      auth.accounts.set(userId, { email: `${userId}@example.com`, name });
      return userId;
    },
    async deliver(group, definition, data) {
      const event = {
        specversion: '1.0',
        id: randomIds.next(),
        source: `/bulkhead/${definition.source}`,
        type: definition.type,
        subject: data['userId'],
        time: new Date().toISOString(),
        datacontenttype: 'application/json',
        aggregateversion: 1,
        data,
      };
      await service.database.query({
        text: `insert into delivery (consumer_group, message_id, event_type, body) values ($1, $2, $3, $4)`,
        values: [group, event.id, event.type, JSON.stringify(event)],
      });
    },
    async stop() {
      await service.stop();
      await Promise.all([...peers.values()].map((each) => each.stop()));
    },
  };
}
