import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServiceName } from '@bulkhead/contracts/services';
import { originOf } from './door';
import type { ShopPlaces } from './places';
import { launchService, type LaunchedService, waitUntilReady } from './service-process';

/** Address of a service on this machine. */
export interface Place {
  readonly port: number;
  readonly adminPort: number;
}

/** Services as child processes, which end with this one. */
export interface Fleet {
  readonly launched: readonly LaunchedService[];
  /** Starts them, and saves their environments in the data folder for `npm run services -- NAME`. */
  launch(
    names: readonly ServiceName[],
    environmentOf: (name: ServiceName) => Readonly<Record<string, string>>,
  ): Promise<void>;
  /** Their entries in the data folder; see ShopPlaces. */
  processes(): NonNullable<ShopPlaces['processes']>;
  /** @throws Error if one ends, or is not ready within a minute */
  untilReady(): Promise<void>;
  stop(graceMs: number): Promise<void>;
}

/** @param places of all services to launch */
export function createFleet(
  dataDir: string,
  { host, places }: { readonly host: string; readonly places: ReadonlyMap<ServiceName, Place> },
): Fleet {
  const launched: LaunchedService[] = [];
  const adminOf = (name: ServiceName) => originOf(host, places.get(name)!.adminPort);
  return {
    launched,
    async launch(names, environmentOf) {
      const environments = join(dataDir, 'processes');
      await mkdir(environments, { recursive: true, mode: 0o700 });
      for (const name of names) {
        const environment = environmentOf(name);
        await writeFile(join(environments, `${name}.json`), JSON.stringify(environment), { mode: 0o600 });
        const service = launchService(name, environment);
        launched.push(service);
        void service.ended.then((how) => {
          if (!service.isStopping())
            process.stdout.write(
              `\n${name} ended (${how}); the others go on. Start it again with: npm run services -- ${name}\n`,
            );
        });
      }
      await writeFile(
        join(environments, 'running.json'),
        JSON.stringify(
          Object.fromEntries(launched.map(({ name, pid }) => [name, { pid, ...places.get(name) }])),
        ),
      );
    },
    processes: () =>
      Object.fromEntries(launched.map(({ name, pid }) => [name, { pid, admin: adminOf(name) }])),
    untilReady: async () =>
      void (await Promise.all(
        launched.map((service) => waitUntilReady(service, `${adminOf(service.name)}/readyz`)),
      )),
    stop: async (graceMs) => void (await Promise.all(launched.map((service) => service.stop(graceMs)))),
  };
}
