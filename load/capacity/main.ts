import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { format } from 'prettier';
import { createMeasurements } from '../measurements';
import { registerPeople } from '../people';
import { createShop } from '../shop';
import { Costs, type Mix, type OperationName } from './costs';
import { openCounters } from './counters';
import { measureCosts } from './measure-costs';
import { measureSaturation } from './measure-saturation';
import { operating } from './plan';
import { habits } from './population';
import { asMarkdown, type Check, type Figures } from './report';
import { predictSaturation } from './saturation';
import { startShopUnderTest } from './shop-under-test';
import { type Account, createWork } from './work';

/** Kept with the code, so that the model can be asked without measuring. */
const costsFile = 'docs/capacity-costs.json';
const document = 'docs/capacity.md';
const begin = '<!-- figures: npm run capacity -- --write -->';
const end = '<!-- end of figures -->';

/** For the check: more purchases than people make, so that every service takes part. */
const checkMix: Mix = {
  'catalog list': 0.2,
  search: 0.25,
  'product page': 0.43,
  'sign-in': 0.02,
  purchase: 0.1,
};
const within = 0.25;
const visitors = 24;
const warmUpSeconds = 15;
const saturationSeconds = 20;
const buyers = 40;

const say = (line: string) => void process.stderr.write(`${line}\n`);

async function measure(): Promise<{ costs: Costs; check: Check }> {
  say('starting a shop, one process a service …');
  const tested = await startShopUnderTest();
  try {
    const measurements = createMeasurements(1);
    const shop = createShop(tested.origin, measurements);
    const accounts = await registerAccounts(tested.origin);
    const people = await registerPeople(shop, buyers);
    const counters = await openCounters(tested.dataDir);
    const work = createWork(
      { shop, measurements, products: tested.products, people },
      accounts,
      tested.plenty,
    );
    const done = (kind: OperationName) => {
      const { counts } = measurements.operation(kind === 'purchase' ? 'order' : kind);
      return counts.ok + counts.declined;
    };
    const saturate = (seconds: number) =>
      measureSaturation({ shopPid: tested.pid, work, mix: checkMix, done, visitors, seconds });
    try {
      say('warming up …');
      await saturate(warmUpSeconds);
      const costs = await measureCosts({
        shopPid: tested.pid,
        counters,
        work,
        done,
        onStep: (what) => say(`measuring ${what} …`),
      });
      say('measuring how much this machine can do …');
      const measured = await saturate(saturationSeconds);
      const predicted = predictSaturation(costs, measured.mix, measured.cores);
      for (const [reason, count] of measurements.reasons) say(`  ${count} × ${reason}`);
      return {
        costs,
        check: { predicted, measured, off: measured.perSecond / predicted.perSecond - 1, within },
      };
    } finally {
      await counters.close();
      await shop.close();
    }
  } finally {
    await tested.stop();
  }
}

async function registerAccounts(origin: string): Promise<readonly Account[]> {
  const shop = createShop(origin, createMeasurements(1));
  try {
    const accounts = Array.from({ length: 10 }, () => ({
      email: `${randomUUID()}@load.example`,
      password: randomUUID(),
    }));
    for (const account of accounts)
      await shop.ask({
        path: '/api/v1/auth/register',
        method: 'POST',
        json: { ...account, name: 'Load Test' },
      });
    return accounts;
  } finally {
    await shop.close();
  }
}

async function readCosts(): Promise<Costs> {
  const text = await readFile(costsFile, 'utf8').catch(() => undefined);
  if (text === undefined)
    throw new Error(`${costsFile} is not there; npm run capacity -- --write measures and writes it.`);
  return Costs.parse(JSON.parse(text));
}

async function writeDocument(figures: string): Promise<void> {
  const text = await readFile(document, 'utf8');
  const [before, rest] = text.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`${document} has lost its markers`);
  const markdown = `${before}${begin}\n\n${figures}\n\n${end}${after}`;
  await writeFile(document, await format(markdown, { parser: 'markdown', printWidth: 120 }));
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      write: { type: 'boolean', default: false },
      model: { type: 'boolean', default: false },
      daily: { type: 'string', default: '1000000' },
      concurrent: { type: 'string', default: '1000000' },
    },
  });
  const users = { daily: Number(values.daily), concurrent: Number(values.concurrent) };
  if (!(users.daily > 0 && users.concurrent > 0))
    throw new Error('--daily and --concurrent are numbers of users.');
  const found: { costs: Costs; check?: Check } = values.model
    ? { costs: await readCosts() }
    : await measure();
  const figures: Figures = { ...found, users, habits, operating };
  const markdown = asMarkdown(figures);
  process.stdout.write(`${await format(markdown, { parser: 'markdown', printWidth: 120 })}\n`);
  if (values.write) {
    if (found.check) await writeFile(costsFile, `${JSON.stringify(found.costs, null, 2)}\n`);
    await writeDocument(markdown);
  }
  if (found.check && Math.abs(found.check.off) > within) {
    say(`The model is off by more than ${within * 100} %.`);
    process.exitCode = 1;
  }
}

main().catch((error: unknown) => {
  say(error instanceof Error ? error.message : String(error));
  process.exit(1);
});
