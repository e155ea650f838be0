import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { placesFile, ShopPlaces } from '@bulkhead/app/monolith/src/local/places';
import { serviceNames } from '@bulkhead/contracts/services';
import { z } from 'zod';

/**
 * Where everything is that is read: from the environment where it names a database, as in a cluster, else as the shop
 * on this machine wrote it into its data folder.
 *
 *   ORDER_DATABASE_URL, PAYMENT_DATABASE_URL, …   one for each service that has a database; reading is enough
 *   RABBITMQ_URL, RABBITMQ_CA, RABBITMQ_PREFIX    without one, events are taken to be delivered in process
 *   PAYMENT_PROVIDER_URL                          of the simulated provider
 *   MAILBOX                                       a folder of .eml files, or the URL of a mail catcher's list
 *
 * @throws Error in one sentence when neither is there
 */
export async function findPlaces(
  environment: Readonly<Record<string, string | undefined>>,
  dataDir: string,
): Promise<ShopPlaces> {
  const databases = Object.fromEntries(
    serviceNames.flatMap((name) => {
      const url = environment[`${name.toUpperCase()}_DATABASE_URL`];
      return url ? [[name, url]] : [];
    }),
  );
  if (Object.keys(databases).length > 0)
    return ShopPlaces.parse({
      databases,
      broker: environment['RABBITMQ_URL'] && {
        url: environment['RABBITMQ_URL'],
        ca: environment['RABBITMQ_CA'] || undefined,
        prefix: environment['RABBITMQ_PREFIX'],
      },
      providerUrl: environment['PAYMENT_PROVIDER_URL'],
      mailbox: environment['MAILBOX'],
    });

  const text = await readFile(path.join(dataDir, placesFile), 'utf8').catch(() => undefined);
  if (text === undefined)
    throw new Error(
      `No shop has run in ${dataDir}; start one, name its folder with --data-dir, or name its databases with ORDER_DATABASE_URL and the like.`,
    );
  const places = ShopPlaces.safeParse(JSON.parse(text));
  if (!places.success) throw new Error(`${dataDir}/${placesFile}: ${z.prettifyError(places.error)}`);
  return places.data;
}
