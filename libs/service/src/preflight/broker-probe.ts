import { events } from '@bulkhead/contracts/events';
import type { ServiceName } from '@bulkhead/contracts/services';
import { subscriptions } from '@bulkhead/contracts/subscriptions';
import { brokerPermissions, eventPermissions } from '@bulkhead/messaging/rabbitmq/broker-permissions';
import { brokerAddresses } from '@bulkhead/messaging/rabbitmq/broker-addresses';
import { explainBrokerFailure } from '@bulkhead/messaging/rabbitmq/broker-failure';
import { type BrokerState, inspectBroker } from '@bulkhead/messaging/rabbitmq/inspect-broker';
import type { TopologyMode } from '@bulkhead/messaging/rabbitmq/topology-of-service';
import { type Finding, failed, ok, type Probe, skipped, targetOf, warning } from './probe';

export interface BrokerProbeOptions {
  readonly service: ServiceName;
  /** One address, or several of one cluster; see `brokerAddresses`. */
  readonly url: string;
  readonly ca: string | undefined;
  readonly prefix: string | undefined;
  readonly retryDelaysMs: readonly number[];
  /** As RABBITMQ_TOPOLOGY. */
  readonly topology: TopologyMode;
  /** Missing queues may be created later by an administrator. */
  readonly beforeMigrations: boolean;
}

/** The first release of RabbitMQ whose quorum queues support this shop; see createRabbitMqTransport. */
const oldest = [3, 10] as const;

/** The broker, as the service's own user: login, version, permissions and queues of this release. */
export const brokerProbe = (options: BrokerProbeOptions): Probe => {
  const addresses = brokerAddresses(options.url);
  return {
    name: 'broker',
    targets: addresses.map((url) => targetOf('RABBITMQ_URL', url)),
    run: async () => judge(options, addresses, await Promise.allSettled(addresses.map(look))),
  };

  function look(url: string): Promise<BrokerState> {
    return inspectBroker({ ...options, url, subscriptions: Object.values(subscriptions), catalog: events });
  }
};

/** One of several brokers is enough; all of them have the same users and queues. */
function judge(
  options: BrokerProbeOptions,
  addresses: readonly string[],
  states: readonly PromiseSettledResult<BrokerState>[],
): readonly Finding[] {
  const away = states.flatMap((state, at) =>
    state.status === 'rejected' ? [whyRefused(addresses[at]!, state.reason)] : [],
  );
  const at = states.findIndex(({ status }) => status === 'fulfilled');
  const found = states[at];
  if (found?.status !== 'fulfilled') return [failed('broker', away[0]!)];
  const state = found.value;
  const url = addresses[at]!;
  const version = judgeVersion(state, url);
  if (version.outcome === 'failed') return [version];
  const permissions = judgePermissions(state, { ...options, url });
  return [
    away.length > 0 ? warning('broker', away[0]!) : version,
    permissions,
    permissions.outcome === 'failed'
      ? skipped('queues', 'broker permissions')
      : judgeQueues(state, { ...options, url }),
  ];
}

function loginOf(url: string) {
  const { host, username, pathname } = new URL(url);
  return {
    host,
    user: decodeURIComponent(username) || 'guest',
    vhost: decodeURIComponent(pathname.slice(1)) || '/',
  };
}

function whyRefused(url: string, error: unknown): string {
  const { host, user, vhost } = loginOf(url);
  const at = `RABBITMQ_URL: RabbitMQ at ${host}`;
  const { message } = error as Error;
  if (/ACCESS[_-]REFUSED/.test(message))
    return `${at} refuses the login of ${user}; set RABBITMQ_URL to the user's present password, or make the user: rabbitmqctl add_user ${user}.`;
  // amqplib does not expose the broker's message about a virtual host.
  if (/ConnectionOpenOk/.test(message))
    return `${at} does not let ${user} into the virtual host ${vhost}, which is not there, or where it has no permissions; run: rabbitmqctl add_vhost '${vhost}' and set_permissions -p '${vhost}' '${user}', or name another at the end of RABBITMQ_URL.`;
  const { reason, variable } = explainBrokerFailure(error);
  return variable === 'RABBITMQ_CA'
    ? `${at}: ${reason}; set RABBITMQ_CA (broker.ca) to its authority.`
    : `${at}: ${reason}; set RABBITMQ_URL to where it is, or start it.`;
}

function judgeVersion({ version }: BrokerState, url: string): Finding {
  const { host, user, vhost } = loginOf(url);
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < oldest[0] || (major === oldest[0] && minor < oldest[1]))
    return failed(
      'broker',
      `RABBITMQ_URL: RabbitMQ at ${host} is version ${version}; upgrade it to ${oldest.join('.')} or later.`,
    );
  return ok('broker', `RabbitMQ ${version} as ${user} at ${vhost}`);
}

function judgePermissions(state: BrokerState, { service, url, prefix }: BrokerProbeOptions): Finding {
  const name = 'broker permissions';
  const { user, vhost } = loginOf(url);
  const all = Object.values(subscriptions);
  const lacking = [
    ...state.unpublishable.map((type) => `publish ${type}`),
    ...state.unreadable.map((queue) => `read ${queue}`),
    ...state.unreturnable.map((exchange) => `put messages back by ${exchange}`),
  ];
  if (lacking.length === 0) return ok(name, `${user} may send its events and read its queues`);
  const { configure, write, read } = brokerPermissions(service, all, 'narrow', prefix);
  const topic = eventPermissions(service, events, 'narrow', prefix);
  const of = lacking.length === 1 ? lacking[0] : `${lacking[0]} and ${lacking.length - 1} things more`;
  return failed(
    name,
    `RABBITMQ_URL: ${user} may not ${of}; run: rabbitmqctl set_permissions -p '${vhost}' '${user}' '${configure}' '${write}' '${read}' && rabbitmqctl set_topic_permissions -p '${vhost}' '${user}' '${topic.exchange}' '${topic.write}' '${topic.read}'.`,
  );
}

function judgeQueues(state: BrokerState, { url, topology, beforeMigrations }: BrokerProbeOptions): Finding {
  const name = 'queues';
  const { user } = loginOf(url);
  const [different] = state.different;
  if (different !== undefined)
    return failed(
      name,
      `${different} is there with other arguments than this release declares (a quorum queue); delete it once it is empty, and it is made anew.`,
    );
  if (state.missing.length === 0) return ok(name, 'all there');
  const missing = `${state.missing.length} exchanges and queues are not there yet`;
  if (state.declares && topology === 'declare') return ok(name, `${missing}; the service makes them`);
  if (beforeMigrations) return ok(name, `${missing}; whoever provisions makes them`);
  return failed(
    name,
    `${state.missing[0]} is not there, and ${user} may not make it; run the provisioning of this release, which declares all queues.`,
  );
}
