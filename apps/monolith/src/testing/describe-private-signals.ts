import type { PrivateValues } from '@bulkhead/app/acceptance/src/private-values';
import type { OtlpReceiver } from '@bulkhead/testing/otlp-receiver';
import pg from 'pg';
import { readPlaces, type ShopPlaces } from '../local/places';
import { caughtMails } from './caught-mails';
import type { RunningShop } from './running-shop';

export interface PrivateSignalsOptions {
  readonly shop: () => RunningShop;
  readonly spans: () => OtlpReceiver['spans'];
  readonly privateValues: PrivateValues;
  /** All metrics at the shop's admin ports. */
  readonly metrics: () => Promise<string>;
}

/** A service's log line; the start command itself prints the local logins, which is its purpose. */
const isLogLine = (line: string): boolean => /^(\S+ +\| )?\{"/.test(line);

/**
 * To be called after the acceptance suite: searches all telemetry of the shop for the private values used in the suite,
 * and checks that they are where they belong.
 */
export function describePrivateSignals({ shop, spans, privateValues, metrics }: PrivateSignalsOptions): void {
  describe('what people told the shop', () => {
    let places: ShopPlaces;
    beforeAll(async () => {
      places = await readPlaces(shop().dataDir);
      for (const mail of await caughtMails(places.mailbox!))
        for (const [, token = ''] of mail.matchAll(/[?&#]token=(?:3D)?([\w.-]+)/g))
          privateValues.add('mailedToken', token);
    });

    const query = async (service: keyof ShopPlaces['databases'], sql: string): Promise<string[]> => {
      const client = new pg.Client({ connectionString: places.databases[service] });
      await client.connect();
      try {
        return (await client.query<{ text: string }>(sql)).rows.map(({ text }) => text);
      } finally {
        await client.end();
      }
    };

    it('was enough to be looked for, and is found where it belongs', async () => {
      const { email = 0, password = 0, accessToken = 0, ...others } = privateValues.counts();
      expect(Math.min(email, password, accessToken)).toBeGreaterThan(10);
      expect(Object.keys(others)).toEqual(
        expect.arrayContaining(['name', 'refreshToken', 'paymentMethod', 'mailedToken', 'line1', 'city']),
      );
      const sent = (await caughtMails(places.mailbox!)).join('');
      expect(privateValues.foundIn(sent)).not.toEqual([]);
      const kept = await query('profile', 'select row_to_json(a)::text as text from addresses a');
      expect(privateValues.foundIn(kept.join('')).map((each) => each.split(':')[0])).toContain('line1');
    });

    it('is in no log', () => {
      const lines = shop().output().split('\n').filter(isLogLine);
      expect(lines.length).toBeGreaterThan(5);
      expect(privateValues.foundIn(lines.join('\n'))).toEqual([]);
    });

    it('is in no trace', () => {
      expect(spans().length).toBeGreaterThan(1_000);
      expect(privateValues.foundIn(JSON.stringify(spans()))).toEqual([]);
    });

    it('is in no metric', async () => {
      const text = await metrics();
      expect(text.length).toBeGreaterThan(10_000);
      expect(privateValues.foundIn(text)).toEqual([]);
    });

    it('is in no event', async () => {
      const services = Object.keys(places.databases) as (keyof ShopPlaces['databases'])[];
      const perService = await Promise.all(
        services.map((service) => query(service, 'select payload::text as text from outbox')),
      );
      const events = perService.flat();
      expect(events.length).toBeGreaterThan(50);
      expect(privateValues.foundIn(events.join('\n'))).toEqual([]);
    });
  });
}
