import { inventoryService } from '@bulkhead/app/inventory/src/app';
import { notificationService } from '@bulkhead/app/notification/src/app';
import { orderService } from '@bulkhead/app/order/src/app';
import { createPaymentService } from '@bulkhead/app/payment/src/app';
import { neverCrash } from '@bulkhead/app/payment/src/payments/crash-point';
import { type CaptureKey, stableCaptureKey } from '@bulkhead/app/payment/src/payments/operations';
import type { Endpoints } from '@bulkhead/contracts/endpoint';
import { events } from '@bulkhead/contracts/events';
import type { ServiceName } from '@bulkhead/contracts/services';
import type { PooledDatabase } from '@bulkhead/database/pool';
import { createRunner, type Outcome } from '@bulkhead/messaging/consumer-runner';
import { noSpan } from '@bulkhead/messaging/observer';
import { createOutbox } from '@bulkhead/messaging/outbox-writer';
import type { Clock } from '@bulkhead/resilience/clock';
import { type Deadline, noDeadline } from '@bulkhead/resilience/deadline';
import { createFaults } from '@bulkhead/resilience/faults';
import { createVirtualClock } from '@bulkhead/resilience/virtual-clock';
import { loadConfig } from '@bulkhead/service/config';
import { PeerProblem, PeerUnavailable, toProblemResponse } from '@bulkhead/service/errors';
import type { Client } from '@bulkhead/service/http/client';
import type { ResponseValue, RequestContext } from '@bulkhead/service/http/operation';
import { createPeerPolicies } from '@bulkhead/service/http/peer-policies';
import { randomIds as ids } from '@bulkhead/service/ids';
import { timerProfiles } from '@bulkhead/service/runtime/timers';
import type { Dependencies, Service, ServiceDefinition } from '@bulkhead/service/service';
import type { Logger } from '@bulkhead/telemetry/logger';
import { createMetrics } from '@bulkhead/telemetry/metrics';
import { createTelemetry } from '@bulkhead/telemetry/telemetry';
import type { Explored } from './databases';
import type { ExploredProvider, ProviderWeather } from './provider';
import type { Life, Stage } from './stage';
import { type StatementWatch, watchDatabase } from './watched-database';
import { webhookSecret } from './webhook-secret';

/** How a call between services goes. The caller of one that is given up, or late, knows nothing of its outcome. */
export type Weather = 'fine' | 'not-sent' | 'lost' | 'given-up' | 'late';

/** A call as a handler sees it. */
export interface Call {
  readonly operationId: string;
  readonly params?: Record<string, unknown>;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
  readonly userId?: string;
  readonly idempotencyKey?: string;
  readonly deadline?: Deadline;
}

/** A service from its start to its death. */
export interface Process extends Life {
  readonly service: Explored;
  /** @throws what its handler throws */
  handle(call: Call): Promise<ResponseValue>;
  runJob(name: string): Promise<void>;
  consume(group: string, body: Buffer): Promise<Outcome>;
  /** Settles when it dies. */
  readonly death: Promise<void>;
}

export interface ProcessOptions {
  readonly databases: Readonly<Record<Explored, PooledDatabase>>;
  readonly stage: Stage;
  readonly provider: ExploredProvider;
  readonly watch: (service: Explored) => StatementWatch;
  readonly captureKey?: CaptureKey;
  /** Told that committed events wait in the outbox of a service. */
  readonly onWake: (service: Explored) => void;
  /** Decides how the call that is about to be made goes. */
  readonly weather: () => Weather;
  readonly providerWeather: () => ProviderWeather;
  /** The erasure that was requested of a person, as profile knows it. */
  readonly erasureOf: (userId: string) => string | null;
  /** Told of what only a mistake in the code can bring about. */
  readonly onImpossible: (what: string) => void;
}

const config = {
  ORDER_RETRY_MIN_MS: '60000',
  ORDER_RETRY_MAX_MS: '60000',
  PAYMENT_PROVIDER_URL: 'http://127.0.0.1:9',
  PAYMENT_WEBHOOK_SECRET: webhookSecret,
  SMTP_URL: 'smtp://127.0.0.1:9',
  MAIL_FROM: 'Bulkhead <shop@mail.example.org>',
  PUBLIC_URL: 'https://shop.example.org/',
};

/** What a transition, a payment's move or a ledger would have to be for this to be said. */
const impossible =
  /no order goes|cannot go from|while it was locked|without a refund|means of payment|no charge to|has disappeared|TypeError|violates|has not locked/;

/** Starts processes, one of each service at a time, and connects them as a network in the hands of the explorer does. */
export function createProcesses(options: ProcessOptions) {
  const { stage, provider } = options;
  const sharedClock = createVirtualClock();
  const telemetry = createTelemetry({
    service: 'order',
    version: 'explore',
    environment: 'test',
    logLevel: 'silent',
    traces: {},
    runtimeMetrics: false,
  });
  const judge = (fields: { readonly error?: unknown }) => {
    const said = String(fields.error);
    if (fields.error !== undefined && impossible.test(said)) options.onImpossible(said);
  };
  const logger: Logger = { ...telemetry.logger, warn: judge, error: judge, child: () => logger };
  const running = new Map<Explored, Process>();
  /** Calls that are under way though their callers gave them up. */
  const late: (() => Promise<unknown>)[] = [];

  const definitions: Readonly<Record<Explored, ServiceDefinition>> = {
    order: orderService,
    payment: createPaymentService(neverCrash, options.captureKey ?? stableCaptureKey, () =>
      provider.connect((what) => {
        const life = running.get('payment')!;
        return stage.act(life, 'call', `provider ${what}`, async () => options.providerWeather());
      }),
    ),
    inventory: inventoryService,
    notification: notificationService,
  };

  /** A client whose every call is an act of the caller and then runs in the process that is there at that moment. */
  const clientOf = <E extends Endpoints>(life: Life, peer: ServiceName, endpoints: E): Client<E> => {
    const call =
      (operationId: string) =>
      async (request: Pick<Call, 'params' | 'body'>, { deadline }: { deadline: Deadline }) => {
        if (peer === 'product') return { status: 200, body: quoteOf(request.body) };
        if (peer === 'profile')
          return {
            status: 200,
            body: { erasureId: options.erasureOf(String(request.params?.['userId'])) },
          };
        const weather = await stage.act(life, 'call', `${peer} ${operationId}`, async () =>
          options.weather(),
        );
        const make = () => running.get(peer as Explored)!.handle({ ...request, operationId, deadline });
        if (weather === 'not-sent') throw new PeerUnavailable(peer, 'not-sent');
        if (weather === 'late') late.push(make);
        if (weather === 'given-up') void make().catch(() => undefined);
        if (weather !== 'fine') throw new PeerUnavailable(peer, 'unknown');
        const { death } = running.get(peer as Explored)!;
        const response = await Promise.race([
          make().catch((error: unknown) => {
            judge({ error });
            const { status, body } = toProblemResponse(error, ids.next());
            throw new PeerProblem(peer, status, body);
          }),
          death.then(() => {
            throw new PeerUnavailable(peer, 'unknown');
          }),
        ]);
        return life.isDead ? never : response;
      };
    return Object.fromEntries(
      Object.entries(endpoints).map(([name, { operationId }]) => [name, call(operationId)]),
    ) as unknown as Client<E>;
  };

  async function start(service: Explored): Promise<Process> {
    let isDead = false;
    let end: () => void = () => undefined;
    const death = new Promise<void>((resolve) => (end = resolve));
    const life: Life = {
      get isDead() {
        return isDead;
      },
      die() {
        isDead = true;
        end();
      },
    };
    const definition = definitions[service];
    const clock = clockOf(life, sharedClock);
    const database = watchDatabase(options.databases[service], stage, life, options.watch(service));
    const wake = () => options.onWake(service);
    const metrics = createMetrics({ service });
    const outbox = createOutbox({ catalog: events, source: service, clock, ids, wake });
    const dependencies: Dependencies = {
      config: loadConfig(definition.config, config),
      mode: 'test',
      clock,
      ids,
      random: () => 0.5,
      logger,
      metrics,
      tracing: telemetry.tracing,
      faults: createFaults({ clock, random: () => 0.5, enabled: false }),
      timers: timerProfiles.usual,
      database,
      outbox,
      peer: (name, endpoints) => clientOf(life, name, endpoints),
      upstream: () => {
        throw new Error('nothing is forwarded here');
      },
      policiesOf: (name) => createPeerPolicies(name, clock, {}, { off: true }),
      createLimits: () => new Map(),
      // What is injected here says nothing about how a provider is doing.
      breakers: { failureRatio: 1, openMs: 1 },
      policyObserver: {},
      watchPolicy: () => undefined,
      shutdown: new AbortController().signal,
    };
    const made: Service = await definition.create(dependencies);
    const operations = new Map(made.operations.map((each) => [each.endpoint.operationId, each]));
    const jobs = new Map((made.jobs ?? []).map((job) => [job.name, job]));
    const consumers = new Map(
      (made.subscriptions ?? []).map((subscription) => [
        subscription.definition.group,
        createRunner({
          subscription,
          database,
          catalog: events,
          clock,
          observer: {},
          runInSpan: noSpan,
          spanAttributes: () => ({}),
          handlerTimeoutMs: 30_000,
        }),
      ]),
    );
    const signal = new AbortController().signal;
    const process: Process = Object.assign(life, {
      service,
      death,
      handle: async (call: Call) => {
        const { operationId, params, headers = {}, body, userId, idempotencyKey } = call;
        const deadline = call.deadline ?? noDeadline(clock);
        const context: RequestContext = {
          requestId: ids.next(),
          deadline,
          caller: 'gateway',
          user:
            userId === undefined
              ? undefined
              : { id: userId, roles: ['customer'], sessionId: userId, expiresAt: Number.MAX_SAFE_INTEGER },
          idempotencyKey,
          clientAddress: undefined,
          priority: 'buy',
          signal,
          header: () => undefined,
        };
        return operations.get(operationId)!.handle({ params, query: {}, headers, body } as never, context);
      },
      runJob: async (name: string) => {
        const job = jobs.get(name)!;
        await (job.once ?? job.run)(signal);
      },
      consume: (group: string, message: Buffer) =>
        consumers.get(group)!({ messageId: ids.next(), body: message, attempt: 1 }, signal),
    });
    running.set(service, process);
    return process;
  }

  return {
    clock: sharedClock,
    late,
    start,
    /** The process of a service that runs now, a new one where the last has died. */
    async of(service: Explored): Promise<Process> {
      const process = running.get(service);
      return process && !process.isDead ? process : start(service);
    },
    /** Starts again what has died. */
    async revive(): Promise<void> {
      for (const [service, { isDead }] of running) if (isDead) await start(service);
    },
    all: () => [...running.values()],
    async close() {
      await provider.close();
      await telemetry.shutdown();
    },
  };
}

export type Processes = ReturnType<typeof createProcesses>;

/** Timers of who has died do not fire any more. */
const clockOf = (life: Life, clock: Clock): Clock => ({
  ...clock,
  setTimer: (callback, delayMs) => clock.setTimer(() => life.isDead || callback(), delayMs),
  sleep: (delayMs, signal) =>
    clock.sleep(delayMs, signal).then(
      () => (life.isDead ? never : undefined),
      (error: unknown) => (life.isDead ? never : Promise.reject(error as Error)),
    ),
});

const never = new Promise<never>(() => undefined);

/** Everything costs the same, and its SKU is its product's id in capitals. */
export const price = { amount: 700, currency: 'EUR' };

const quoteOf = (body: unknown) => ({
  items: (body as { items: { productId: string }[] }).items.map(({ productId }) => ({
    productId,
    sku: productId.toUpperCase(),
    name: productId,
    price,
    version: 1,
  })),
  unknown: [],
});
