import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { parseArguments } from './command-line';
import { writeIndex } from './report/write-index';
import { writeReport } from './report/write-report';
import { type Outcome, runExperiment } from './run/run-experiment';
import { createShopPool } from './shop/shop-pool';
import { stories } from './stories/stories';

const say = (line: string) => process.stdout.write(`${line}\n`);

async function main(): Promise<number> {
  const words = parseArguments(process.argv.slice(2), stories);
  if (words.kind === 'wrong') {
    process.stderr.write(`${words.sentence}\n`);
    return 2;
  }
  if (words.kind === 'list') {
    const width = Math.max(...stories.map(({ name }) => name.length));
    for (const { name, title } of stories) say(`${name.padEnd(width)}  ${title}`);
    return 0;
  }
  const { seconds, seed, only, folder, gate } = words;
  await mkdir(folder, { recursive: true });
  const shops = createShopPool();
  let passed = 0;
  let failed = 0;
  for (const experiment of words.experiments) {
    say(`${experiment.name}: ${experiment.title}`);
    try {
      const outcome = await runExperiment(experiment, {
        seconds,
        seed,
        repeatLate: gate === 'all',
        shops,
        say,
        ...(only ? { only } : {}),
      });
      say(`  report: ${join(folder, `${experiment.name}.html`)}`);
      await writeReport(outcome, folder);
      const { good, bad } = count(outcome, gate);
      passed += good;
      failed += bad;
    } catch (error) {
      failed += 1;
      say(`  could not be run: ${inspect(error)}`);
    }
  }
  await shops.close();
  await writeIndex(
    folder,
    stories.map(({ name }) => name),
  );
  say(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

/** Prints the verdicts. With `gate: correctness`, what was timed is told and does not count. */
function count({ verdicts, timingIsVoid }: Outcome, gate: 'all' | 'correctness') {
  let good = 0;
  let bad = 0;
  for (const { claim, holds, measured, kind } of verdicts) {
    const isVoid = kind === 'timing' && timingIsVoid;
    const counts = kind === 'correctness' || (gate === 'all' && !isVoid);
    const word = isVoid ? 'void' : holds ? 'holds' : counts ? 'FAILS' : 'missed';
    say(`  ${word.padEnd(6)} ${claim}: ${measured}`);
    if (!counts) continue;
    if (holds) good += 1;
    else bad += 1;
  }
  return { good, bad };
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${(error as Error).stack}\n`);
    process.exit(1);
  },
);
