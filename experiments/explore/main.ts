import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { startTestPostgres } from '@bulkhead/development/test-postgres';
import { unseenMoves } from './coverage';
import { explore, type Failure, playTape } from './explore';
import { createWorld } from './world';

const usage = `usage: npm run explore -- [--seed N] [--histories N] [--lanes N] | --replay TAPE
  --seed N        what the histories are drawn from (default 1)
  --histories N   how many (default 1000)
  --lanes N       how many are played at once, each lane in databases of its own
  --replay TAPE   plays one history again, as a failure printed it`;

const print = (line: string) => void process.stdout.write(`${line}\n`);

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '1' },
      histories: { type: 'string', default: '1000' },
      lanes: { type: 'string', default: String(Math.max(2, availableParallelism())) },
      replay: { type: 'string' },
    },
  });
  const [seed, histories, lanes] = [values.seed, values.histories, values.lanes].map(Number);
  if (!Number.isInteger(seed) || !(histories! >= 1) || !(lanes! >= 1)) {
    print(usage);
    return 64;
  }
  const root = process.cwd();
  const server = process.env['TEST_DATABASE_URL'] ? undefined : await startTestPostgres();
  if (server) process.env['TEST_DATABASE_URL'] = server.adminUrl;
  try {
    if (values.replay !== undefined) return await replay(root, JSON.parse(values.replay) as number[]);
    return await run({ root, seed: seed!, histories: histories!, lanes: lanes! });
  } finally {
    await server?.stop();
  }
}

async function run(options: Parameters<typeof explore>[0]): Promise<number> {
  const startedAt = Date.now();
  const { histories, ends, moves, offences, failure } = await explore({
    ...options,
    onProgress: (played) => print(`${played} histories`),
  });
  print(
    `${histories} histories from seed ${options.seed} in ${Math.round((Date.now() - startedAt) / 1_000)} s`,
  );
  print(`orders: ${[...ends].map(([end, count]) => `${count} ${end}`).join(', ')}`);
  const unseen = unseenMoves(moves);
  print(`${moves.size} different moves; not made: ${unseen.join(', ') || 'none'}`);
  for (const offence of offences) print(`FAIL ${offence}`);
  if (failure) tell(failure);
  const failed = offences.length + (failure ? 1 : 0);
  print(`${failure ? histories - 1 : histories} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

async function replay(root: string, tape: readonly number[]): Promise<number> {
  const world = await createWorld(root);
  try {
    const { history, offences } = await playTape(world, tape);
    tell({ tape, history, offences });
    return offences.length === 0 ? 0 : 1;
  } finally {
    await world.close();
  }
}

function tell({ tape, history, offences }: Failure): void {
  print(JSON.stringify(history.setting));
  for (const line of history.log) print(`  ${line}`);
  for (const offence of offences) print(`FAIL ${offence}`);
  print(`npm run explore -- --replay '${JSON.stringify(tape)}'`);
}

main().then(
  (code) => process.exit(code),
  (error: Error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exit(2);
  },
);
