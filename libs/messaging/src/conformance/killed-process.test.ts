import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { bundleProgram } from '@bulkhead/development/bundle-program';
import { eventually } from '@bulkhead/testing/eventually';
import { createTestBroker, type TestBroker } from '../testing/rabbitmq';
import { openRabbitMqCarrier } from './rabbitmq-carrier';
import { index, mails } from './shop';
import { createTestDatabases, createWorld, type TestDatabases } from './world';

describe('a process killed with SIGKILL', () => {
  let databases: TestDatabases;
  let broker: TestBroker;
  let folder: string;
  let program: string;
  const alive = new Set<ChildProcess>();

  beforeAll(async () => {
    databases = await createTestDatabases();
    broker = await createTestBroker();
    folder = await mkdtemp(path.join(tmpdir(), 'bulkhead-crash-'));
    program = path.join(folder, 'crash-program.cjs');
    await bundleProgram(path.join(__dirname, 'crash-program.ts'), program);
  }, 120_000);
  afterEach(async () => {
    for (const child of alive) child.kill('SIGKILL');
    await databases.clear();
  });
  afterAll(async () => {
    await broker?.drop();
    await databases?.drop();
    await rm(folder, { recursive: true, force: true });
  });

  const start = (environment: Record<string, string>) => {
    const child = spawn(process.execPath, [program], {
      env: { SENDER_URL: databases.senderUrl, READER_URL: databases.readerUrl, ...environment },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    alive.add(child);
    const ended = once(child, 'exit').then(([code, signal]: unknown[]) => {
      alive.delete(child);
      return { code, signal };
    });
    return { child, ended };
  };

  const points = [
    ['after commit, before publish', 'claimed'],
    ['after publish, before mark', 'published'],
    ['after handling, before ack', 'handled'],
  ] as const;

  describe.each(['RabbitMQ', 'the in-process transport'])('over %s', (carrierName) => {
    test.each(points)(
      '%s, loses no event and doubles no effect',
      async (_when, point) => {
        const overRabbit = carrierName === 'RabbitMQ';
        const carrier = await openRabbitMqCarrier(broker.url, `${broker.prefix}${point}.`);
        const world = createWorld(carrier, databases);
        const environment: Record<string, string> = overRabbit
          ? { RABBITMQ_URL: broker.url, PREFIX: carrier.prefix() }
          : {};
        await world.place(1, 2, 3);

        const killed = start({ ...environment, CRASH_POINT: point });
        expect(await killed.ended).toEqual({ code: null, signal: 'SIGKILL' });
        if (point === 'claimed')
          expect([await world.effects(mails), await world.effects(index)]).toEqual([[], []]);
        if (point !== 'handled') expect(await world.unsent()).toBe(3);
        if (point === 'handled')
          expect([...(await world.effects(mails)), ...(await world.effects(index))]).not.toEqual([]);

        const next = start(environment);
        await world.place(4);
        await (overRabbit ? world.settledWith([1, 2, 3, 4]) : settledInProcess(world, databases));
        next.child.kill('SIGTERM');
        expect(await next.ended).toEqual({ code: 0, signal: null });
        expect(await world.effects(mails)).toEqual([1, 2, 3, 4]);
        expect(await world.effects(index)).toEqual([1, 2, 3, 4]);
        if (overRabbit) await carrier.reset();
        await carrier.close();
      },
      30_000,
    );
  });
});

async function settledInProcess(world: ReturnType<typeof createWorld>, { reader }: TestDatabases) {
  await eventually(async () => {
    expect(await world.effects(mails)).toEqual([1, 2, 3, 4]);
    expect(await world.effects(index)).toEqual([1, 2, 3, 4]);
    expect(await world.unsent()).toBe(0);
    expect((await reader.query({ text: 'select 1 from delivery' })).rows).toEqual([]);
  });
}
