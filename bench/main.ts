import { writeFile } from 'node:fs/promises';
import type { Bench, Finding } from './bench';
import { gatewayHop } from './gateway-hop/gateway-hop';
import { serveGateway } from './gateway-hop/gateway-server';
import { serveProxy } from './gateway-hop/proxy-server';
import { serveUpstream } from './gateway-hop/upstream-server';
import { hotSku } from './hot-sku/hot-sku';
import { runGenerator } from './load';
import { orderCommit } from './order-commit/order-commit';
import { outboxRelay } from './outbox-relay/outbox-relay';
import { asMarkdown, asText, misses } from './report';
import { serveQuotesByExpress } from './service-stack/express-server';
import { serveQuotesByKit } from './service-stack/kit-server';
import { serviceStack } from './service-stack/service-stack';

const benches: readonly Bench[] = [serviceStack, orderCommit, outboxRelay, hotSku, gatewayHop];

const servers: Readonly<Record<string, () => Promise<void>>> = {
  kit: serveQuotesByKit,
  express: serveQuotesByExpress,
  gateway: serveGateway,
  proxy: serveProxy,
  upstream: serveUpstream,
};

async function runBenches(words: readonly string[]): Promise<void> {
  const gate = words.includes('--gate');
  const names = words.filter((word) => !word.startsWith('-'));
  const chosen = names.length === 0 ? benches : benches.filter(({ name }) => names.includes(name));
  if (chosen.length < Math.max(names.length, 1))
    throw new Error(`There are only: ${benches.map(({ name }) => name).join(', ')}.`);

  const findings: Finding[] = [];
  for (const bench of chosen) {
    process.stdout.write(`${bench.title} …\n`);
    const finding = { bench, outcome: await bench.run() } as Finding;
    findings.push(finding);
    process.stdout.write(asText(finding));
  }
  if (names.length === 0) await writeFile('bench/results.md', asMarkdown(findings, new Date()));
  if (gate && findings.some(misses)) process.exitCode = 1;
}

const [command, ...rest] = process.argv.slice(2);
const work =
  command === 'server'
    ? servers[rest[0] ?? '']!()
    : command === 'generator'
      ? Promise.resolve(runGenerator())
      : runBenches(process.argv.slice(2));
work.catch((error: unknown) => {
  console.error(error);
  process.exit(2);
});
