import { fastRetryDelaysMs, fastTimers } from '../chaos/fast-timers';
import { placesOf } from '../chaos/run-chaos';
import { openShop } from '@bulkhead/invariants/open-shop';
import { type CheckReport, runChecks } from '@bulkhead/invariants/run-checks';
import { waitForQuiescence } from '@bulkhead/invariants/quiescence';
import type { ShopView } from '@bulkhead/invariants/shop-view';
import { plentifulProducts, registerCustomers } from '../load/customers';
import type { Shop } from '../shop/shop';
import { startServices } from '../shop/start-services';
import type { MutantName } from './mutants';
import { createBuyer, type Scenario, scenarios } from './scenarios';

const print = (line: string) => void process.stdout.write(`${line}\n`);
const patienceMs = 20_000;
/** What is lost never comes: no need to wait for it as long as for a shop that is well. */
const mutantPatienceMs = 6_000;

/** A shop with the mistake, or without; the scenarios one after the other; and what the invariants say then. */
async function check(mutant: MutantName, played: readonly Scenario[]): Promise<CheckReport> {
  const shop = await startServices({ environment: { ...fastTimers, MUTANT: mutant }, restartAfterMs: 0 });
  try {
    const view = openShop(placesOf(shop), { retryDelaysMs: fastRetryDelaysMs });
    try {
      await play(shop, view, played);
      return await runChecks(view, mutant === 'none' ? patienceMs : mutantPatienceMs);
    } finally {
      await view.close();
    }
  } finally {
    await shop.stop();
  }
}

async function play(shop: Shop, view: ShopView, played: readonly Scenario[]): Promise<void> {
  const [customer] = await registerCustomers(shop.origin, 1);
  const [product] = await plentifulProducts(shop.origin, 1);
  const buyer = createBuyer(shop, customer!, product!);
  await buyer.buy(1);
  for (const scenario of played) {
    // One scenario deletes a queue: what an earlier one left in it must have been handled.
    await waitForQuiescence(view, patienceMs);
    await scenario.run(shop, buyer);
  }
}

const brokenOf = ({ invariants }: CheckReport) => invariants.filter(({ verdict }) => verdict === 'broken');

const tell = (report: CheckReport) => {
  if (!report.quiescence.reached) print(`       not at rest: ${report.quiescence.waitingFor.join('; ')}`);
  for (const { name, offences } of brokenOf(report))
    print(
      `       ${name}: ${offences[0]!.subject} ${offences[0]!.problem}${offences.length > 1 ? ` (and ${offences.length - 1} more)` : ''}`,
    );
};

async function main(): Promise<number> {
  const wanted = process.argv.slice(2);
  let passed = 0;
  let failed = 0;
  const count = (holds: boolean, sentence: string, report: CheckReport) => {
    print(`${holds ? 'ok  ' : 'FAIL'} ${sentence}`);
    tell(report);
    if (holds) passed += 1;
    else failed += 1;
  };

  if (wanted.length === 0 || wanted.includes('none')) {
    const report = await check('none', scenarios);
    count(report.verdict === 'holds', 'the product as it is comes through all of these faults', report);
  }
  for (const scenario of scenarios) {
    const { mutant, fault, killedBy } = scenario;
    if (wanted.length > 0 && !wanted.includes(mutant)) continue;
    const report = await check(mutant, [scenario]);
    const caught = brokenOf(report).some(({ name }) => killedBy.includes(name));
    count(caught, `${mutant} is caught by ${killedBy.join(' or ')} when ${fault}`, report);
  }
  print(`${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0 ? 0 : 1;
}

main().then(
  (code) => process.exit(code),
  (error: Error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exit(1);
  },
);
