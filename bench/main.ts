import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { closedLoop, openLoop } from './admission/admission';
import { serveCatalog } from './admission/catalog-server';
import { runCrowd } from './admission/crowd';
import type { Bench, Finding } from './bench';
import { gatewayDuties, gatewayHop } from './gateway-hop/gateway-hop';
import { serveGateway } from './gateway-hop/gateway-server';
import { serveProxy } from './gateway-hop/proxy-server';
import { serveProxyWithDuties } from './gateway-hop/proxy-with-duties';
import { serveUpstream } from './gateway-hop/upstream-server';
import { hotSku } from './hot-sku/hot-sku';
import { runGenerator } from './load';
import { orderCommit } from './order-commit/order-commit';
import { smoke, thorough } from './pace';
import { memory } from './memory/memory';
import { telemetryCost, telemetryFullCost } from './telemetry/telemetry-cost';
import { outboxRelay } from './outbox-relay/outbox-relay';
import { runBuyers } from './purchase/buyers';
import { purchase, purchaseInProcesses } from './purchase/purchase';
import { purchaseStatements } from './purchase-statements/purchase-statements';
import { asMarkdown, asText, misses } from './report';
import { serveQuotesByExpress } from './service-stack/express-server';
import { serveQuotesByKit } from './service-stack/kit-server';
import { silentTelemetry } from './telemetry/silent-telemetry';
import { productionTelemetry } from './kit-service';
import { serviceStack } from './service-stack/service-stack';
import { statementObserver } from './statement-observer/statement-observer';

const benches: readonly Bench[] = [
  serviceStack,
  telemetryCost,
  telemetryFullCost,
  gatewayHop,
  gatewayDuties,
  orderCommit,
  outboxRelay,
  hotSku,
  statementObserver,
  purchaseStatements,
  purchase,
  purchaseInProcesses,
  closedLoop,
  openLoop,
  memory,
];

const servers: Readonly<Record<string, () => Promise<void>>> = {
  kit: () => serveQuotesByKit(),
  'kit-silent': () => serveQuotesByKit({ telemetry: silentTelemetry() }),
  'kit-traced': () => serveQuotesByKit({ telemetry: productionTelemetry('product', 1) }),
  express: serveQuotesByExpress,
  gateway: serveGateway,
  proxy: serveProxy,
  'proxy-with-duties': serveProxyWithDuties,
  upstream: serveUpstream,
  catalog: serveCatalog,
};

/** Fewer give no median to be kept. */
const fewestPairs = 5;

async function runBenches(words: readonly string[]): Promise<void> {
  const { values, positionals: names } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      gate: { type: 'boolean', default: false },
      smoke: { type: 'boolean', default: false },
      pairs: { type: 'string', default: String(thorough.pairs) },
    },
  });
  const pace = values.smoke ? smoke : { ...thorough, pairs: Number(values.pairs) };
  const unknown = names.find((wanted) => !benches.some(({ name }) => name === wanted));
  if (unknown !== undefined) {
    process.stderr.write(
      `Unknown bench ${unknown}; there are: ${benches.map(({ name }) => name).join(', ')}.\n`,
    );
    process.exitCode = 2;
    return;
  }
  const chosen = names.length === 0 ? benches : benches.filter(({ name }) => names.includes(name));

  const findings: Finding[] = [];
  for (const bench of chosen) {
    process.stdout.write(`${bench.title} …\n`);
    const outcome = await bench.run(pace).catch((error: Error) => {
      process.stderr.write(`${error.stack}\n`);
      return { kind: 'failed', reason: error.message };
    });
    const finding = { bench, outcome } as Finding;
    findings.push(finding);
    process.stdout.write(asText(finding));
  }
  if (names.length === 0 && pace.pairs >= fewestPairs)
    await writeFile('bench/results.md', asMarkdown(findings, new Date()));
  const broken = findings.filter(({ outcome }) => outcome.kind === 'failed').length;
  if (pace === smoke) process.stdout.write(`${findings.length - broken} passed, ${broken} failed\n`);
  if (broken > 0 || (values.gate && findings.some(misses))) process.exitCode = 1;
}

const [command, ...rest] = process.argv.slice(2);
const work =
  command === 'server'
    ? servers[rest[0] ?? '']!()
    : command === 'generator'
      ? Promise.resolve(runGenerator())
      : command === 'crowd'
        ? Promise.resolve(runCrowd())
        : command === 'buyers'
          ? Promise.resolve(runBuyers())
          : runBenches(process.argv.slice(2));
work.catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
