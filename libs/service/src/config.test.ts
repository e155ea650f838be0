import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { ConfigError, integer, loadConfig } from './config';

const Config = z.object({
  SECRET: z.string().min(8, 'must have at least 8 characters').describe('what nobody knows'),
  COUNT: integer(1, 9).optional(),
});

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bulkhead-config-'));
});
afterAll(() => rm(folder, { recursive: true }));

const file = async (content: string) => {
  const path = join(folder, 'secret');
  await writeFile(path, content);
  return path;
};

test('a secret comes from the environment, or from a file that the environment names', async () => {
  expect(loadConfig(Config, { SECRET: 'from the environment' }).SECRET).toBe('from the environment');
  expect(loadConfig(Config, { SECRET_FILE: await file('from a file\n') }).SECRET).toBe('from a file');
});

test.each([
  ['nothing', {}, 'SECRET (what nobody knows) is missing or empty'],
  ['an empty one', { SECRET: '' }, 'SECRET (what nobody knows) is missing or empty'],
  ['a short one', { SECRET: 'hunter2' }, 'SECRET (what nobody knows) must have at least 8 characters.'],
  ['no file', { SECRET_FILE: '/nowhere/at/all' }, 'SECRET_FILE names a file that cannot be read (ENOENT).'],
  ['two', { SECRET: 'hunter2hunter2', SECRET_FILE: '/etc/hostname' }, 'SECRET and SECRET_FILE are both set'],
])('%s is refused with the name of the variable, and without its value', (_what, environment, sentence) => {
  const load = () => loadConfig(Config, environment);
  expect(load).toThrow(ConfigError);
  expect(load).toThrow(sentence);
  expect(load).not.toThrow('hunter2');
});

test('all that is wrong is said at once', () => {
  expect(() => loadConfig(Config, { COUNT: '12' })).toThrow(/^SECRET .*\nCOUNT must be at most 9\.$/);
});
