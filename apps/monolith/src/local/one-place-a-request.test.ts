import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onePlaceARequest } from './one-place-a-request';

it('holds a place for each request, and lets the others wait in line until one is answered or its asker leaves', async () => {
  const taken: ServerResponse[] = [];
  const server = createServer(onePlaceARequest((_request, response) => void taken.push(response), 2)).listen(
    0,
    '127.0.0.1',
  );
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const leaving = new AbortController();
  const until = async (holds: () => boolean) => {
    while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  try {
    const first = fetch(url);
    await until(() => taken.length === 1);
    const second = fetch(url, { signal: leaving.signal });
    await until(() => taken.length === 2);
    const third = fetch(url);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(taken).toHaveLength(2);
    leaving.abort();
    await expect(second).rejects.toThrow(/abort/i);
    await until(() => taken.length === 3);
    taken[2]!.end('third');
    taken[0]!.end('first');
    expect(await (await third).text()).toBe('third');
    expect(await (await first).text()).toBe('first');
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
