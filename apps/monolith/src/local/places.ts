import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ServiceName, serviceNames } from '@bulkhead/contracts/services';
import { z } from 'zod';

/** In the data folder; contains passwords, so only the owner may read it. */
export const placesFile = 'places.json';

/** The addresses of a shop on one machine: for external tools, like the check of its invariants. */
export const ShopPlaces = z.object({
  /** Public URL; absent if the shop has no entry point. */
  origin: z.string().optional(),
  /** URL of each service's database, as its application role. */
  databases: z.partialRecord(z.enum(serviceNames as readonly ServiceName[]), z.string()),
  /** The process of each service, and the URL of its admin port; services in the same process share both. */
  processes: z
    .partialRecord(
      z.enum(serviceNames as readonly ServiceName[]),
      z.object({ pid: z.number().optional(), admin: z.string() }),
    )
    .optional(),
  /** Absent if events are delivered in process. */
  broker: z.object({ url: z.string(), ca: z.string().optional(), prefix: z.string().optional() }).optional(),
  /** The simulated payment provider. */
  providerUrl: z.string().optional(),
  /** A folder of .eml files, or the URL at which a mail catcher lists its mails. */
  mailbox: z.string().optional(),
});
export type ShopPlaces = z.output<typeof ShopPlaces>;

export const writePlaces = (dataDir: string, places: ShopPlaces): Promise<void> =>
  writeFile(join(dataDir, placesFile), `${JSON.stringify(places, null, 2)}\n`, { mode: 0o600 });

/** @throws Error if no shop was started in that folder, ZodError if its file has another version's format */
export const readPlaces = async (dataDir: string): Promise<ShopPlaces> =>
  ShopPlaces.parse(JSON.parse(await readFile(join(dataDir, placesFile), 'utf8')));
