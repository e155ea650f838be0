import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createVirtualClock } from '@bulkhead/resilience/virtual-clock';
import { z } from 'zod';
import { ConfigError, loadConfig, url } from './config';
import { watchSecrets } from './runtime/watch-secrets';
import { secret, secretText } from './secret';

const Config = z.object({
  LOGIN: secret(url('amqp')).describe('who we are'),
  CA: secretText().optional(),
});

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'bulkhead-secret-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Like the kubelet: NAME -> ..data/NAME, ..data -> ..TIME, and a new version replaces the first atomically. */
let times = 0;
const mount = async (files: Record<string, string>) => {
  const time = `..${(times += 1)}`;
  await mkdir(path.join(folder, time));
  for (const [name, content] of Object.entries(files)) {
    await writeFile(path.join(folder, time, name), content);
    await symlink(path.join('..data', name), path.join(folder, name)).catch(() => undefined);
  }
  await symlink(time, path.join(folder, '..data_tmp'));
  await rename(path.join(folder, '..data_tmp'), path.join(folder, '..data'));
};
const load = () =>
  loadConfig(Config, { LOGIN_FILE: path.join(folder, 'LOGIN'), CA_FILE: path.join(folder, 'CA') });

test('a secret is what its file says now, also when a mounted Secret is replaced', async () => {
  await mount({ LOGIN: 'amqp://a:old@broker\n', CA: 'one\n' });
  const { LOGIN, CA } = load();
  expect([LOGIN.values, CA?.value]).toEqual([['amqp://a:old@broker'], 'one']);
  await mount({ LOGIN: 'amqp://a:new@broker\n\namqp://a:old@broker\n', CA: 'one\ntwo\n' });
  expect([LOGIN.values, CA?.value]).toEqual([['amqp://a:new@broker', 'amqp://a:old@broker'], 'one\ntwo']);
  expect(LOGIN.value).toBe('amqp://a:new@broker');
});

test.each([
  ['is missing', async () => rm(path.join(folder, '..data'))],
  ['is empty', () => mount({ LOGIN: '\n' })],
  ['holds something else', () => mount({ LOGIN: 'amqp://a:new@broker\nhttp://hunter2' })],
  ['holds too much', () => mount({ LOGIN: 'amqp://a:b@broker\n'.repeat(6) })],
])('while its file %s a secret stays what it was, and the log says so once', async (_what, spoil) => {
  await mount({ LOGIN: 'amqp://a:old@broker', CA: 'one' });
  const config = load();
  const lines: [object, string][] = [];
  const log = (context: object, message: string) => void lines.push([context, message]);
  const clock = createVirtualClock();
  const watch = watchSecrets([config], { clock, logger: { info: log, error: log } });
  await spoil();
  expect(config.LOGIN.value).toBe('amqp://a:old@broker');
  for (let looks = 0; looks < 3; looks += 1) await clock.advance(5_000);
  const said = lines.filter(([context]) => (context as { variable: string }).variable === 'LOGIN');
  expect(said).toEqual([
    [
      { variable: 'LOGIN', reason: expect.any(String) },
      'secret cannot be read; the previous value stays in use',
    ],
  ]);
  expect(JSON.stringify(lines)).not.toContain('hunter2');
  await mount({ LOGIN: 'amqp://a:new@broker', CA: 'one' });
  await clock.advance(5_000);
  expect(lines.at(-1)).toEqual([
    { variable: 'LOGIN', count: 1 },
    'secret has changed; the new value is in use',
  ]);
  watch.stop();
});

test('a secret that was given itself never changes, and may hold several values too', () => {
  const { LOGIN } = loadConfig(Config, { LOGIN: 'amqp://a:new@broker\namqp://a:old@broker' });
  expect(LOGIN.values).toHaveLength(2);
  expect(LOGIN.mayChange).toBe(false);
});

test('a start with a line that is wrong is refused without quoting it', () => {
  const start = () => loadConfig(Config, { LOGIN: 'amqp://a:new@broker\nhttp://hunter2' });
  expect(start).toThrow(ConfigError);
  expect(start).toThrow('LOGIN (who we are) must be a URL that starts with amqp://.');
  expect(start).not.toThrow('hunter2');
});
