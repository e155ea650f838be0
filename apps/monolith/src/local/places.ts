import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ServiceName, serviceNames } from '@bulkhead/contracts/services';
import { z } from 'zod';

/** In the data folder; holds passwords, so it is the owner's alone. */
export const placesFile = 'places.json';

/** Where a shop on one machine keeps what: for tools that read it from outside, like the check of its invariants. */
export const ShopPlaces = z.object({
  /** Where people reach it; absent where only its insides are known. */
  origin: z.string().optional(),
  /** URL of each service's database, as its application role. */
  databases: z.partialRecord(z.enum(serviceNames as readonly ServiceName[]), z.string()),
  /** The process in which each service was started, and the URL of its admin port; services of one process share both. */
  processes: z
    .partialRecord(
      z.enum(serviceNames as readonly ServiceName[]),
      z.object({ pid: z.number().optional(), admin: z.string() }),
    )
    .optional(),
  /** Absent where events are delivered in process. */
  broker: z.object({ url: z.string(), ca: z.string().optional(), prefix: z.string().optional() }).optional(),
  /** The simulated payment provider. */
  providerUrl: z.string().optional(),
  /** A folder of .eml files, or the URL at which a mail catcher lists its mails. */
  mailbox: z.string().optional(),
});
export type ShopPlaces = z.output<typeof ShopPlaces>;

export const writePlaces = (dataDir: string, places: ShopPlaces): Promise<void> =>
  writeFile(join(dataDir, placesFile), `${JSON.stringify(places, null, 2)}\n`, { mode: 0o600 });

/** @throws Error when no shop was started in that folder, ZodError when its file is not as this version writes it */
export const readPlaces = async (dataDir: string): Promise<ShopPlaces> =>
  ShopPlaces.parse(JSON.parse(await readFile(join(dataDir, placesFile), 'utf8')));
