import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { readAcknowledged } from './acknowledged';
import { openShop } from './open-shop';
import { findPlaces } from './places';
import { asText } from './report';
import { runChecks } from './run-checks';

/** Entry point of `npm run invariants`. @returns the exit code: 0 all hold, 1 something is broken, 2 invalid arguments */
export async function main(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  print: (text: string) => void = (text) => void process.stdout.write(`${text}\n`),
): Promise<number> {
  let options: Options;
  try {
    options = parse(args);
  } catch (error) {
    print((error as Error).message);
    return 2;
  }
  const logs = await Promise.all(options.acknowledged.map(readAcknowledged));
  const shop = openShop(await findPlaces(environment, options.dataDir), {
    ...options,
    acknowledged: logs.flat(),
  });
  try {
    const report = await runChecks(shop, options.patienceMs);
    print(asText(report));
    if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(report, null, 2)}\n`);
    return report.verdict === 'holds' ? 0 : 1;
  } finally {
    await shop.close();
  }
}

type Options = ReturnType<typeof parse>;

function parse(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      'data-dir': { type: 'string', default: '.bulkhead' },
      acknowledged: { type: 'string', multiple: true, default: [] },
      explained: { type: 'string', multiple: true, default: [] },
      wait: { type: 'string', default: '30' },
      'order-bound': { type: 'string', default: '960' },
      'retry-delays': { type: 'string' },
      json: { type: 'string' },
    },
  });
  const delays = values['retry-delays']?.split(',').map((each) => number('--retry-delays', each));
  return {
    dataDir: values['data-dir'],
    acknowledged: values.acknowledged,
    explained: values.explained,
    patienceMs: number('--wait', values.wait) * 1_000,
    orderBoundMs: number('--order-bound', values['order-bound']) * 1_000,
    json: values.json,
    ...(delays ? { retryDelaysMs: delays } : {}),
  };
}

function number(option: string, text: string): number {
  const value = Number(text);
  if (!(value >= 0)) throw new Error(`${option} takes a number, not ${text}`);
  return value;
}
