import { mkdir, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { runChaos } from './run-chaos';
import { planChaos, wordsOf } from './schedule';
import { judgeRuns } from './verdict';

const print = (line: string) => void process.stdout.write(`${line}\n`);

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '1' },
      minutes: { type: 'string', default: '2' },
      'calm-seconds': { type: 'string', default: '45' },
      report: { type: 'string', default: 'reports/chaos.json' },
      logs: { type: 'string' },
      plan: { type: 'boolean', default: false },
    },
  });
  const [seed, minutes, calmSeconds] = [values.seed, values.minutes, values['calm-seconds']].map(Number);
  if (!Number.isInteger(seed) || !(minutes! >= 1) || !(calmSeconds! >= 10)) {
    process.stderr.write(
      '--seed must be a whole number, --minutes at least 1, --calm-seconds at least 10.\n',
    );
    return 2;
  }
  const seconds = minutes! * 60;
  const steps = planChaos(seed!, seconds);
  print(`chaos with seed ${seed}, ${seconds} s:`);
  for (const step of steps) print(wordsOf(step));
  if (values.plan) return 0;

  const shared = { seed: seed!, print };
  print(`\n${calmSeconds} s without faults …`);
  const calm = await runChaos({ ...shared, seconds: calmSeconds!, steps: [] });
  print(`${seconds} s with faults …`);
  const chaos = await runChaos({
    ...shared,
    seconds,
    steps,
    ...(values.logs === undefined ? {} : { logDir: values.logs }),
  });

  const criteria = judgeRuns(calm, chaos);
  const folder = values.report.split('/').slice(0, -1).join('/');
  if (folder !== '') await mkdir(folder, { recursive: true });
  await writeFile(values.report, `${JSON.stringify({ seed, seconds, criteria, calm, chaos }, null, 2)}\n`);
  print('');
  for (const { name, holds, measured } of criteria) print(`${holds ? 'ok  ' : 'FAIL'} ${name}: ${measured}`);
  print(`answers: ${JSON.stringify(chaos.answers)}`);
  print(`report: ${values.report}`);
  const failed = criteria.filter(({ holds }) => !holds).length;
  print(`${criteria.length - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

main().then(
  (code) => process.exit(code),
  (error: Error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exit(1);
  },
);
