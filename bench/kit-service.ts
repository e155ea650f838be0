import { systemClock } from '@bulkhead/resilience/clock';
import { createFaults } from '@bulkhead/resilience/faults';
import type { ServiceName } from '@bulkhead/contracts/services';
import { loadConfig } from '@bulkhead/service/config';
import { createHttpTransport } from '@bulkhead/service/http/http-transport';
import { PeerPool } from '@bulkhead/service/http/peer-pool';
import { createHttpUpstream } from '@bulkhead/service/http/http-upstream';
import { createListenerServer, listen } from '@bulkhead/service/http/server';
import { randomIds } from '@bulkhead/service/ids';
import { createInProcessIdentities } from '@bulkhead/service/identity/in-process-identity';
import { createKeySet } from '@bulkhead/service/identity/key-set';
import { assembleService } from '@bulkhead/service/runtime/assemble';
import type { Resilience } from '@bulkhead/service/runtime/resilience-config';
import { timerProfiles } from '@bulkhead/service/runtime/timers';
import type { ServiceDefinition } from '@bulkhead/service/service';
import type { TestUsers } from '@bulkhead/service/testing/test-users';
import { createNodeSdk } from '@bulkhead/telemetry/node-sdk';
import { createTelemetry, type Telemetry } from '@bulkhead/telemetry/telemetry';

export interface KitServiceOptions {
  readonly definition: ServiceDefinition;
  readonly environment?: Readonly<Record<string, string>>;
  /** Where its peers listen. */
  readonly origins?: Partial<Record<ServiceName, string>>;
  readonly users: TestUsers;
  /** Default: as in production, 5 % of traces to the collector. */
  readonly telemetry?: Telemetry;
  /** Default: as in production. */
  readonly resilience?: Resilience;
}

/** Logs, metrics, and that share of traces sent to the collector. */
export const productionTelemetry = (service: ServiceName, ratio = 0.05): Telemetry =>
  createTelemetry({
    service,
    version: 'bench',
    environment: 'production',
    logLevel: 'info',
    traces: { endpoint: process.env['COLLECTOR_URL'], mode: 'head', ratio },
    startSdk: createNodeSdk(),
  });

export interface KitService {
  readonly origin: string;
  readonly identities: ReturnType<typeof createInProcessIdentities>;
}

/**
 * A service on the kit as `runService` puts it together for production, with traces at 5 % going to a collector, but
 * identities that need no files.
 */
export async function serveKit(options: KitServiceOptions): Promise<KitService> {
  const { definition, environment = {}, origins = {}, users } = options;
  const clock = systemClock;
  const identities = createInProcessIdentities();
  const tokens = identities.tokensOf(definition.name);
  const nowhere = 'http://127.0.0.1:1';
  const pools = new Map(
    definition.peers.map((peer) => [peer, new PeerPool(origins[peer] ?? nowhere, { connections: 64 })]),
  );
  const poolOf = (peer: ServiceName) => pools.get(peer)!;
  const assembled = await assembleService(definition, loadConfig(definition.config, environment), {
    mode: 'production',
    clock,
    ids: randomIds,
    random: Math.random,
    telemetry: options.telemetry ?? productionTelemetry(definition.name),
    hears: [],
    faults: createFaults({ clock, random: Math.random, enabled: false }),
    ...(options.resilience ? { resilience: options.resilience } : {}),
    timers: timerProfiles.usual,
    database: undefined,
    transport: undefined,
    identities: identities.verifier,
    promised: [],
    userKeys: createKeySet(users.keys, clock),
    peerTransport: (peer) => createHttpTransport(peer, poolOf(peer), tokens),
    upstream: (peer) => createHttpUpstream(peer, poolOf(peer), tokens),
  });
  const port = await listen(createListenerServer(assembled.app), 0, '127.0.0.1');
  await assembled.start();
  return { origin: `http://127.0.0.1:${port}`, identities };
}
