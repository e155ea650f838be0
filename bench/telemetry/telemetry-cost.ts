import type { RatioBench } from '../bench';
import { startCollector } from '../collector';
import { compare } from '../comparison';
import { startServer } from '../processes';
import { quoteSide } from '../service-stack/quote-side';

const costOf = (options: {
  readonly name: string;
  readonly role: string;
  readonly target: number;
  readonly share: string;
}): RatioBench => ({
  name: options.name,
  title: `Telemetry: the same service with all of it, ${options.share} of traces sampled, and with none`,
  target: options.target,
  async run({ pairs, seconds }) {
    const collector = await startCollector();
    const on = await startServer(options.role, { COLLECTOR_URL: collector.url });
    const off = await startServer('kit-silent');
    try {
      const ratios = await compare({
        ours: quoteSide('on', on, seconds),
        theirs: quoteSide('off', off, seconds),
        pairs,
      });
      if (collector.exports === 0) throw new Error('no trace was exported');
      return {
        kind: 'ratio',
        ours: `metrics, logs, ${options.share} of traces to a collector`,
        theirs: 'no telemetry at all',
        unit: 'requests per CPU second',
        ratios,
        checked: `every answer 200; ${collector.exports} exports of traces`,
      };
    } finally {
      await Promise.all([on.stop(), off.stop(), collector.stop()]);
    }
  },
});

export const telemetryCost = costOf({ name: 'telemetry', role: 'kit', target: 0.85, share: '5 %' });
export const telemetryFullCost = costOf({
  name: 'telemetry-full',
  role: 'kit-traced',
  target: 0.6,
  share: '100 %',
});
