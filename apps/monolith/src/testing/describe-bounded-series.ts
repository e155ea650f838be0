import { randomUUID } from 'node:crypto';
import { request as httpRequest, Agent } from 'node:http';
import type { Person } from '@bulkhead/app/acceptance/src/client';
import { seriesIn } from '@bulkhead/testing/series';

export interface BoundedSeriesOptions {
  readonly origin: () => string;
  readonly people: () => Promise<readonly Person[]>;
  /** All metrics at the shop's admin ports. */
  readonly metrics: () => Promise<string>;
}

const count = 10_000;
const atOnce = 16;
/** Methods that Node.js parses; an unknown one never becomes a request. */
const methods = ['GET', 'PUT', 'PATCH', 'DELETE', 'PROPFIND', 'MKCOL', 'REPORT', 'PURGE', 'LINK', 'SEARCH'];

/** 10,000 requests with different paths, and with many methods and users. */
export function describeBoundedSeries({ origin, people, metrics }: BoundedSeriesOptions): void {
  it('10,000 paths, users and methods make no new series', async () => {
    const users = await people();
    const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
    const { hostname, port } = new URL(origin());
    const ask = (method: string, path: string, authorization: string) =>
      new Promise<number>((resolve, reject) => {
        httpRequest({ agent, hostname, port, method, path, headers: { authorization } }, (response) => {
          response.resume().on('end', () => resolve(response.statusCode!));
        })
          .on('error', reject)
          .end();
      });
    const paths = [
      () => `/api/v1/orders/${randomUUID()}`,
      () => `/api/v1/products/${randomUUID()}`,
      () => `/api/v1/stock/SKU-${randomUUID()}`,
      () => `/api/v1/search?q=${randomUUID()}`,
      () => `/${randomUUID()}`,
      () => `/api/v1/notifications/${randomUUID()}/read`,
      () => `/api/v1/me/addresses/${randomUUID()}`,
    ];
    const send = async (many: number) => {
      const statuses = new Set<number>();
      let next = 0;
      const lane = async () => {
        for (let n = next++; n < many; n = next++) {
          // Every third one from an unknown user, each a different one.
          const bearer = n % 3 === 0 ? `Bearer ${randomUUID()}` : `Bearer ${users[n % users.length]!.token}`;
          statuses.add(await ask(methods[n % methods.length]!, paths[n % paths.length]!(), bearer));
        }
      };
      await Promise.all(Array.from({ length: atOnce }, lane));
      return statuses;
    };

    // One of each kind first, so that every series exists.
    await send(methods.length * paths.length * 3 * 2);
    const before = seriesIn(await metrics());
    const statuses = await send(count);
    const after = seriesIn(await metrics());
    agent.destroy();
    expect([...statuses].sort()).toEqual(expect.arrayContaining([200, 401, 404]));
    expect(before.size).toBeGreaterThan(1_000);
    // The series of a kind of garbage collection appears with its first occurrence.
    const added = [...after].filter((series) => !before.has(series) && !series.startsWith('nodejs_gc_'));
    expect(added).toEqual([]);
  }, 180_000);
}
