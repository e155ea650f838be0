import { type Endpoint, isRepeatable } from '@bulkhead/contracts/endpoint';
import type { SubscriptionDefinition } from '@bulkhead/contracts/event';
import { subscriptions } from '@bulkhead/contracts/subscriptions';
import { ResilienceConfig } from '@bulkhead/service/runtime/resilience-config';
import type { Parts } from '../missing-parts';
import { type Calls, callsIn } from './calls';

export interface Extraction {
  readonly service: string;
  /** The services that already are separate processes. */
  readonly others: readonly string[];
  readonly parts: Parts;
  /** Total deadline of a request at the gateway, ms. */
  readonly requestDeadlineMs: number;
  /** Variables of the service's own configuration that have no default. */
  readonly requiredVariables: readonly string[];
}

/** @returns what changes once the service is a separate process, as text */
export const whatChanges = (extraction: Extraction): string =>
  [
    '',
    `From the next npm start on, ${extraction.service} is a process of its own. Its code, contract and database stay as they are.`,
    ...section('Calls that become HTTP', callsBecomeHttp(extraction)),
    ...section('Events that go through RabbitMQ', eventsGoThroughTheBroker(extraction)),
    ...section(`While ${extraction.service} is unavailable`, withoutTheService(extraction)),
    ...section('What has to run', whatHasToRun(extraction)),
    ...section('And back', andBack(extraction)),
    '',
  ].join('\n');

/** @returns the same for a service that becomes part of the monolith again */
export const whatChangesBack = (service: string, others: readonly string[]): string =>
  [
    '',
    `From the next npm start on, ${service} is a part of the monolith again: calls from and to the services there are function`,
    'calls, and it fails when they do. Its code, contract and database stay as they are.',
    ...(others.length > 0
      ? [`Events still go through RabbitMQ, because of ${others.join(', ')}.`]
      : [
          'Events are delivered within the process, and npm start needs no RabbitMQ. What waits there is not carried over: let it',
          'arrive first. npm run invariants, while the shop still runs, waits until all has, and says what has not.',
        ]),
    '',
  ].join('\n');

const section = (title: string, lines: readonly string[]) => [
  '',
  title,
  ...lines.map((line) => (line === '' ? '' : `  ${line}`)),
];

const keys = "the keys of users' access tokens";

function callsBecomeHttp({ service, others, parts, requestDeadlineMs }: Extraction): string[] {
  // Calls from and to other processes are HTTP already.
  const crossing = callsIn(parts).filter(
    ({ caller, peer }) =>
      (caller === service && !others.includes(peer)) || (peer === service && !others.includes(caller)),
  );
  const fetching =
    service === 'auth'
      ? [`all services -> auth: ${keys}`]
      : others.includes('auth')
        ? []
        : [`${service} -> auth: ${keys}`];
  return [
    ...crossing.flatMap(describeCalls),
    ...fetching,
    '',
    'Each carries a signed token of its caller, and may fail on the way. The policies are those that were there before:',
    ...policies(requestDeadlineMs),
  ];
}

function describeCalls({ caller, peer, endpoints }: Calls): string[] {
  const forwarded = endpoints.filter((endpoint) => caller === 'gateway' && isForUsers(endpoint));
  const called = endpoints.filter((endpoint) => !forwarded.includes(endpoint));
  return [
    ...(forwarded.length > 0
      ? [
          `${caller} -> ${peer}, forwarded: ${forwarded.map(({ operationId, stream }) => (stream ? `${operationId} (a stream, without a deadline)` : operationId)).join(', ')}`,
        ]
      : []),
    ...(called.length > 0
      ? [
          `${caller} -> ${peer}: ${called.map((endpoint) => (isRepeatable(endpoint) ? endpoint.operationId : `${endpoint.operationId} (not repeatable)`)).join(', ')}`,
        ]
      : []),
  ];
}

const isForUsers = ({ access }: Endpoint) => access.kind !== 'service';

const percent = (share: number) => `${share * 100} %`;

function policies(requestDeadlineMs: number): string[] {
  const defaults = ResilienceConfig.parse({});
  return [
    `deadline         what is left of the request's ${requestDeadlineMs / 1_000} s at the gateway (REQUEST_DEADLINE_MS), or less where the caller has`,
    '                 less time; PEER_TIMEOUT_MS bounds one attempt (default: the deadline)',
    `retries          ${defaults.PEER_RETRY_ATTEMPTS} attempts in all (PEER_RETRY_ATTEMPTS), retries for at most ${percent(defaults.PEER_RETRY_BUDGET)} of the calls (PEER_RETRY_BUDGET);`,
    '                 what is not repeatable only where the peer has certainly not acted; what is forwarded never',
    `circuit breaker  opens for ${defaults.BREAKER_OPEN_MS / 1_000} s where ${percent(defaults.BREAKER_FAILURE_RATIO)} of the calls of 10 s failed (BREAKER_OPEN_MS, BREAKER_FAILURE_RATIO)`,
    `bulkhead         ${defaults.PEER_CONCURRENCY} calls to a peer at once, and ${defaults.PEER_QUEUE} that wait (PEER_CONCURRENCY, PEER_QUEUE)`,
  ];
}

const groups: readonly SubscriptionDefinition[] = Object.values(subscriptions);

function eventsGoThroughTheBroker({ service, others }: Extraction): string[] {
  const typesOf = (events: SubscriptionDefinition['events']) => events.map(({ type }) => type).join(', ');
  const heard = groups
    .filter((each) => each.service === service)
    .map(({ group, events }) => `to queue ${group}: ${typesOf(events)}`);
  const sent = groups
    .filter((each) => each.service !== service)
    .map(({ group, events }) => ({ group, own: events.filter(({ source }) => source === service) }))
    .filter(({ own }) => own.length > 0)
    .map(({ group, own }) => `from ${service} to queue ${group}: ${typesOf(own)}`);
  return [
    ...heard,
    ...sent,
    others.length > 0
      ? 'All other events go through it already.'
      : 'and the events of all other services: none is delivered within the process while a service is outside of it.',
    ...(others.length > 0
      ? []
      : ['Those that wait within the process at the next start are sent again, through RabbitMQ.']),
  ];
}

function withoutTheService({ service, parts }: Extraction): string[] {
  const calls = callsIn(parts).filter(({ peer }) => peer === service);
  const forwarded = calls.flatMap(({ caller, endpoints }) =>
    caller === 'gateway' ? endpoints.filter(isForUsers) : [],
  );
  const called = calls
    .map(({ caller, endpoints }) => ({
      caller,
      endpoints: endpoints.filter((endpoint) => caller !== 'gateway' || !isForUsers(endpoint)),
    }))
    .filter(({ endpoints }) => endpoints.length > 0);
  return [
    ...(forwarded.length > 0
      ? [
          `the gateway responds 503 at once, or 504 at the deadline where ${service} hangs, until the circuit breaker opens, to:`,
          `  ${[...new Set(forwarded.map(({ path }) => path))].join(', ')}`,
        ]
      : []),
    ...called.map(
      ({ caller, endpoints }) =>
        `${caller} gets PeerUnavailable, then BreakerOpen, for ${endpoints.map(({ operationId }) => operationId).join(', ')}`,
    ),
    ...(service === 'auth'
      ? [`services go on with ${keys} that they have; one that starts meanwhile has none, and responds 503`]
      : []),
    `events for ${service} wait in its queues, events of its own in its outbox; they arrive once it is back`,
    'the other services go on; while the monolith is down there is no gateway, and so no shop',
  ];
}

function whatHasToRun({ service, parts, requiredVariables }: Extraction): string[] {
  const calls = callsIn(parts);
  const peers = calls.filter(({ caller }) => caller === service).map(({ peer }) => peer);
  const callers = calls.filter(({ peer }) => peer === service).map(({ caller }) => caller);
  const urlsOf = (names: readonly string[]) =>
    [...new Set(names)].map((name) => `${name.toUpperCase()}_URL`).toSorted();
  const variables = [
    'DATABASE_URL',
    'RABBITMQ_URL',
    'SERVICE_IDENTITY_DIR',
    ...urlsOf(service === 'auth' ? peers : [...peers, 'auth']),
    ...requiredVariables,
  ];
  return [
    'npm start        needs RabbitMQ: RABBITMQ_URL, a rabbitmq-server on the PATH, Docker, or root on Debian;',
    `                 npm run services -- ${service} starts ${service} again where it ended; SPLIT_OFF=none npm start holds all in one process`,
    `on a cluster     nothing changes: charts/${service} is a Deployment of its own already, with its values under ${service} in charts/bulkhead;`,
    `                 npm run images -- ${service} builds its image`,
    `anywhere else    node dist/apps/${service}/main.js migrate (with MIGRATION_DATABASE_URL), then node dist/apps/${service}/main.js`,
    `its variables    ${variables.join(', ')}; all others have defaults (charts/${service}/README.md)`,
    `its callers      need ${urlsOf([service]).join()}: ${service === 'auth' ? 'all services' : callers.join(', ')}`,
  ];
}

const andBack = ({ service }: Extraction): string[] => [
  `npx nx g @bulkhead/tools:extract ${service} --back takes it back into the monolith.`,
];
