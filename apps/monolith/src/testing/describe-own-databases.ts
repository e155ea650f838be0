import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { withClient } from '@bulkhead/database/admin-client';
import { atDatabase } from '@bulkhead/database/provision';
import { definitions } from '../definitions';
import { readPlaces, type ShopPlaces } from '../local/places';

const services = definitions.filter(({ database }) => database).map(({ name }) => name);

/** To be called if the shop that runs in `dataDir` has its own server. */
export function describeOwnDatabases(dataDir: () => string): void {
  describe('the databases', () => {
    let urls: ShopPlaces['databases'];
    beforeAll(async () => {
      urls = (await readPlaces(dataDir())).databases;
    });

    const refusal = (url: string, text: string) =>
      withClient(url, (client) => client.query(text)).then(
        () => 'allowed',
        (error: { code?: string }) => error.code,
      );

    it('are used by one service each, in a role that is no one else’s', async () => {
      const password = (await readFile(path.join(dataDir(), 'postgres/password'), 'utf8')).trim();
      const asAdmin = atDatabase(urls.order!, 'postgres', 'postgres', password);
      const connected = await withClient(asAdmin, (client) =>
        client.query<{ service: string; role: string; database: string }>({
          text: `select distinct application_name as service, usename as role, datname as database
            from pg_stat_activity where application_name = any ($1) order by service`,
          values: [services],
        }),
      );
      expect(connected.rows).toEqual(
        [...services]
          .sort()
          .map((service) => ({ service, role: `${service}_app`, database: `bulkhead_${service}` })),
      );
    });

    it('let in no role of another service, and have their tables changed by none that serves', async () => {
      for (const service of services) {
        for (const table of ['alter table outbox add more int', 'drop table outbox', 'create table more ()'])
          expect([service, await refusal(urls[service]!, table)]).toEqual([service, '42501']);
        for (const other of services.filter((each) => each !== service)) {
          const elsewhere = atDatabase(urls[service]!, `bulkhead_${other}`);
          expect([service, other, await refusal(elsewhere, 'select')]).toEqual([service, other, '42501']);
        }
      }
    }, 60_000);
  });
}
