import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { parseJsonBody, parseQuery, readBody } from './read-request';

const incoming = (headers: Record<string, string>) => {
  const stream = new PassThrough();
  return { stream, request: Object.assign(stream, { headers }) as unknown as IncomingMessage };
};

test('a body without a Content-Length is read up to its limit, and no further', async () => {
  const { stream, request } = incoming({ 'transfer-encoding': 'chunked' });
  const body = readBody(request, 10);
  stream.write('12345');
  stream.write('67890!');
  await expect(body).rejects.toMatchObject({ slug: 'content-too-large' });
});

test('a body that says it is too large is not waited for', async () => {
  const { request } = incoming({ 'content-length': '11' });
  await expect(readBody(request, 10)).rejects.toMatchObject({ slug: 'content-too-large' });
});

test('a body that ends too early is malformed', async () => {
  const { stream, request } = incoming({ 'content-length': '10' });
  const body = readBody(request, 10);
  stream.write('12345');
  stream.destroy(new Error('aborted'));
  await expect(body).rejects.toMatchObject({ slug: 'malformed-request' });
});

test('a byte order mark before the JSON is not of it', () => {
  expect(parseJsonBody(Buffer.from('\ufeff{"a":1}'), 'application/json')).toEqual({ a: 1 });
});

test('names that every object has are names of parameters like any other', () => {
  expect(Object.entries(parseQuery('/?toString=1&constructor=2'))).toEqual([
    ['toString', '1'],
    ['constructor', '2'],
  ]);
  expect(() => parseQuery('/?__proto__=1&__proto__=2')).toThrow('is invalid');
});
