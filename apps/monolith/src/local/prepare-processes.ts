import { join } from 'node:path';
import type { ServiceName } from '@bulkhead/contracts/services';
import { freePorts } from '@bulkhead/development/free-ports';
import { issueDevIdentities } from '@bulkhead/service/identity/dev-issuer';
import { type LocalBroker, startShopBroker } from './broker';
import { carryOver } from './carry-over';
import { createFleet, type Fleet, type Place } from './fleet';
import type { LocalShop } from './local-shop';
import { processEnvironments, type ProcessEnvironmentOptions } from './process-environment';

export interface PrepareProcessesOptions
  extends LocalShop, Omit<ProcessEnvironmentOptions, 'config' | 'broker' | 'places' | 'identityDir'> {
  /** Of the gateway. */
  readonly front: Place;
}

/** What services need to run as separate processes on this machine. */
export interface PreparedProcesses {
  readonly broker: LocalBroker;
  /** The address of every service of the shop. */
  readonly places: ReadonlyMap<ServiceName, Place>;
  /** In the layout of issueDevIdentities. */
  readonly identityDir: string;
  /** Launches them; not started yet. */
  readonly fleet: Fleet;
  environmentOf(name: ServiceName): Readonly<Record<string, string>>;
}

const identityLifetimeSeconds = 30 * 24 * 3600;

/** Prepares what processes need to communicate: a broker, verifiable identities, and ports for each service. */
export async function prepareProcesses(options: PrepareProcessesOptions): Promise<PreparedProcesses> {
  const { config, definitions, dataDir, front, undo } = options;
  const broker = await startShopBroker(options);
  undo.push(() => broker.stop());
  await carryOver(options.databases.byService);
  const identityDir = join(dataDir, 'identity');
  await issueDevIdentities(identityDir, identityLifetimeSeconds);

  const free = await freePorts(definitions.length * 2);
  const places = new Map(
    definitions.map(({ name }, index) => [
      name,
      name === 'gateway' ? front : { port: free[index * 2]!, adminPort: free[index * 2 + 1]! },
    ]),
  );
  return {
    broker,
    places,
    identityDir,
    fleet: createFleet(dataDir, { host: config.HOST, places }),
    environmentOf: processEnvironments({ ...options, broker, places, identityDir }),
  };
}
