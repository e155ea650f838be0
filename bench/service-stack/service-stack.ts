import type { RatioBench } from '../bench';
import { startCollector } from '../collector';
import { compare } from '../comparison';
import { type ServerProcess, startServer } from '../processes';
import { quoteBody, quotePath } from './quote';
import { quoteSide } from './quote-side';

export const serviceStack: RatioBench = {
  name: 'service-stack',
  title: 'A service: identity, validation, ids, metrics, traces at 5 %, security headers',
  target: 1,
  async run({ pairs, seconds }) {
    const collector = await startCollector();
    const kit = await startServer('kit', { COLLECTOR_URL: collector.url });
    const express = await startServer('express');
    try {
      await requireSameAnswer(kit, express);
      const ratios = await compare({
        ours: quoteSide('kit', kit, seconds),
        theirs: quoteSide('express', express, seconds),
        pairs,
      });
      if (collector.exports === 0) throw new Error('no trace was exported');
      return {
        kind: 'ratio',
        ours: 'the kit',
        theirs: 'Express 5 + helmet + express.json',
        unit: 'requests per CPU second',
        ratios,
        checked: `every answer 200; ${collector.exports} exports of traces`,
      };
    } finally {
      await Promise.all([kit.stop(), express.stop(), collector.stop()]);
    }
  },
};

async function requireSameAnswer(...servers: readonly ServerProcess[]): Promise<void> {
  const bodies = await Promise.all(
    servers.map(async ({ origin, headers }) => {
      const response = await fetch(origin + quotePath, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: quoteBody,
      });
      return `${response.status} ${await response.text()}`;
    }),
  );
  if (new Set(bodies).size !== 1) throw new Error(`the answers differ: ${bodies.join(' / ')}`);
}
