import type { ServiceName } from '@bulkhead/contracts/services';
import { closeServer, createListenerServer, listenForBursts } from '@bulkhead/service/http/server';
import type { AssembledService } from '@bulkhead/service/runtime/assemble';
import type { RemoteServices } from '../remote-services';
import { type PrepareProcessesOptions, prepareProcesses } from './prepare-processes';
import type { LocalBroker } from './broker';
import { originOf } from './door';
import type { Fleet } from './fleet';

/** Services that run beside the process that holds the others. */
export interface SplitOff {
  readonly remote: RemoteServices;
  readonly broker: LocalBroker;
  readonly fleet: Fleet;
  /** Starts them, and opens a port for each service of this process, for calls from the split-off ones. */
  launch(services: ReadonlyMap<ServiceName, AssembledService>): Promise<void>;
}

const graceMs = 10_000;

/**
 * Prepares the communication between processes, as for a shop of separate processes, and this process's links to them.
 */
export async function prepareSplitOff(
  names: readonly ServiceName[],
  options: PrepareProcessesOptions,
): Promise<SplitOff> {
  const { config, undo } = options;
  const { broker, places, identityDir, fleet, environmentOf } = await prepareProcesses(options);
  const urlOf = (name: ServiceName) => originOf(config.HOST, places.get(name)!.port);
  return {
    remote: {
      urls: new Map(names.map((name) => [name, urlOf(name)])),
      identityDir,
      broker: { urls: broker.urls, ca: config.RABBITMQ_CA, prefix: broker.prefix },
    },
    broker,
    fleet,
    async launch(services) {
      for (const [name, { app }] of services) {
        if (name === 'gateway') continue;
        const server = createListenerServer(app);
        await listenForBursts(server, places.get(name)!.port, config.HOST);
        undo.push(() => closeServer(server, graceMs));
      }
      undo.push(() => fleet.stop(graceMs));
      await fleet.launch(names, environmentOf);
    },
  };
}
