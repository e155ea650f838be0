import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import type { Endpoint } from '@bulkhead/contracts/endpoint';
import { createRequestBodies } from './request-bodies';

const mebibyte = 1024 * 1024;
const endpoint = { bodyLimit: 40 * mebibyte } as unknown as Endpoint;
const request = (bytes: number, ends = true): IncomingMessage => {
  const stream = new PassThrough();
  stream.write(Buffer.alloc(bytes));
  if (ends) stream.end();
  return Object.assign(stream, {
    headers: { 'transfer-encoding': 'chunked' },
  }) as unknown as IncomingMessage;
};

test('of all bodies together the gateway holds 64 MiB, and more again when one is done', async () => {
  const bodies = createRequestBodies(5_000);
  const one = await bodies.read(request(32 * mebibyte), endpoint);
  const other = await bodies.read(request(32 * mebibyte), endpoint);
  await expect(bodies.read(request(1), endpoint)).rejects.toMatchObject({ slug: 'overloaded' });
  bodies.release(one);
  expect(await bodies.read(request(32 * mebibyte), endpoint)).toHaveLength(32 * mebibyte);
  expect(other).toHaveLength(32 * mebibyte);
});

test('what was refused is not held', async () => {
  const bodies = createRequestBodies(50);
  for (let times = 0; times < 4; times += 1)
    await expect(bodies.read(request(30 * mebibyte, false), endpoint)).rejects.toMatchObject({
      slug: 'request-timeout',
    });
  expect(await bodies.read(request(32 * mebibyte), endpoint)).toHaveLength(32 * mebibyte);
});
