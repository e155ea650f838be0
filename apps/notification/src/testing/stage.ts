import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { authInternal } from '@bulkhead/contracts/auth/api';
import type { EventDefinition, SubscriptionDefinition } from '@bulkhead/contracts/event';
import { profileInternal } from '@bulkhead/contracts/profile/api';
import { createDeliveryTable } from '@bulkhead/messaging/inprocess/delivery-table';
import { problem } from '@bulkhead/service/errors';
import { implement } from '@bulkhead/service/http/operation';
import { randomIds } from '@bulkhead/service/ids';
import type { ServiceDefinition } from '@bulkhead/service/service';
import { createKnownErasures, type KnownErasures } from '@bulkhead/service/testing/known-erasures';
import {
  createTestNetwork,
  startTestService,
  type TestNetwork,
  type TestService,
  type TestServiceOptions,
} from '@bulkhead/service/testing/test-service';
import { type Mailbox, startMailbox } from '@bulkhead/testing/smtp';
import { z } from 'zod';
import { notificationService } from '../app';

export interface Person {
  readonly userId: string;
  readonly name: string;
  readonly email: string;
  readonly locale: string;
  readonly orderMail: boolean;
}

/** The environment of notification, on loopback: profile and auth as real services, and a mail server. */
export interface Stage {
  readonly network: TestNetwork;
  readonly mailbox: Mailbox;
  readonly config: Record<string, string>;
  /** A person known to profile and auth. */
  person(known?: Partial<Person>): Person;
  /** Adds a person that profile did not know. */
  introduce(person: Person): void;
  forget(userId: string): void;
  /** An unavailable peer responds with 503. */
  setUnavailable(peer: 'profile' | 'auth', away: boolean): void;
  /** The erasures that profile knows of. */
  readonly erasures: KnownErasures;
  readonly tokens: { readonly userId: string; readonly purpose: string; readonly token: string }[];
  /** Starts notification, or a changed version of it. */
  start(options?: TestServiceOptions, definition?: ServiceDefinition): Promise<TestService>;
  /** Stops everything that was started, in the right order. */
  stop(): Promise<void>;
}

const migrationsDir = path.join(__dirname, '../../prisma/migrations');
const noConfig = z.object({});

export async function setStage(): Promise<Stage> {
  const network = await createTestNetwork();
  const mailbox = await startMailbox();
  const people = new Map<string, Person>();
  const away = new Set<string>();
  const tokens: { userId: string; purpose: string; token: string }[] = [];
  const started: TestService[] = [];
  const erasures = createKnownErasures();
  const unlessUnavailable = (peer: string) => {
    if (away.has(peer)) throw problem('unavailable');
  };

  const profile: ServiceDefinition = {
    name: 'profile',
    config: noConfig,
    peers: [],
    database: false,
    create: () => ({
      operations: [
        implement(profileInternal.contact, async ({ params }) => {
          unlessUnavailable('profile');
          const person = people.get(params.userId);
          if (!person) throw problem('not-found');
          return { status: 200, body: person };
        }),
        erasures.operation,
      ],
    }),
  };
  const auth: ServiceDefinition = {
    name: 'auth',
    config: noConfig,
    peers: [],
    database: false,
    create: () => ({
      operations: [
        implement(authInternal.mintToken, async ({ params, body }) => {
          unlessUnavailable('auth');
          if (!people.has(params.userId)) throw problem('not-found');
          const token = randomBytes(32).toString('base64url');
          tokens.push({ userId: params.userId, purpose: body.purpose, token });
          const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
          return { status: 200, body: { token, expiresAt } };
        }),
      ],
    }),
  };
  const peers = [await startTestService(profile, { network }), await startTestService(auth, { network })];
  const config = {
    SMTP_URL: `smtp://127.0.0.1:${mailbox.port}`,
    MAIL_FROM: 'Bulkhead <shop@mail.example.org>',
    PUBLIC_URL: 'https://shop.example.org/',
  };

  return {
    network,
    mailbox,
    config,
    tokens,
    erasures,
    person(known = {}) {
      const userId = known.userId ?? randomIds.next();
      const person = {
        name: 'Ada Example',
        email: `${userId}@people.example.org`,
        locale: 'en',
        orderMail: true,
        ...known,
        userId,
      };
      people.set(userId, person);
      return person;
    },
    introduce: (person) => void people.set(person.userId, person),
    forget: (userId) => void people.delete(userId),
    setUnavailable: (peer, isAway) => void (isAway ? away.add(peer) : away.delete(peer)),
    async start(options = {}, definition = notificationService) {
      // Each replica has its own messaging, on the shared database.
      const replica = { ...network, databases: {} };
      const service = await startTestService(definition, {
        migrationsDir,
        config,
        network: replica,
        ...options,
      });
      started.unshift(service);
      return service;
    },
    async stop() {
      for (const service of started) await service.stop();
      for (const peer of peers) await peer.stop();
      await mailbox.stop();
    },
  };
}

export interface SentEvent {
  readonly id: string;
  readonly group: string;
  readonly body: string;
  readonly type: string;
}

/** An event as written by its publisher's outbox. */
export function eventOf<D extends EventDefinition>(
  subscription: SubscriptionDefinition,
  definition: D,
  data: z.input<D['data']>,
): SentEvent {
  const id = randomIds.next();
  const body = JSON.stringify({
    specversion: '1.0',
    id,
    source: `/bulkhead/${definition.source}`,
    type: definition.type,
    subject: id,
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    aggregateversion: 1,
    data,
  });
  return { id, group: subscription.group, type: definition.type, body };
}

/** Publishes events to the service's queues, like a relay. */
export const deliver = (service: TestService, ...events: SentEvent[]): Promise<void> =>
  createDeliveryTable(service.database).store(events.map((event) => ({ ...event, messageId: event.id })));
