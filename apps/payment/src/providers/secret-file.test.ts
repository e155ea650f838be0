import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { secretFile } from './secret-file';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'bulkhead-secret-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('a secret from a file is what the file says, from 10 s after it was changed', async () => {
  const file = path.join(folder, 'key');
  await writeFile(file, 'first\n');
  let now = 0;
  const secret = secretFile('first', file, { monotonic: () => now });
  await writeFile(file, 'second\n');
  expect(secret()).toBe('first');
  now = 10_000;
  expect(secret()).toBe('second');
});

test('while its file is away or empty, a secret stays what it was', async () => {
  const file = path.join(folder, 'other');
  let now = 0;
  const secret = secretFile('first', file, { monotonic: () => (now += 10_000) });
  expect(secret()).toBe('first');
  await writeFile(file, '');
  expect(secret()).toBe('first');
  await writeFile(file, 'second');
  expect(secret()).toBe('second');
});

test('a secret that was given itself never changes', () => {
  expect(secretFile('given', undefined, { monotonic: () => Infinity })()).toBe('given');
});
