import fc from 'fast-check';
import { Histogram, Registry } from 'prom-client';
import { SeriesHistogram } from './series-histogram';

const config = {
  name: 'took_seconds',
  help: 'How long it took.',
  labelNames: ['route', 'status'],
  buckets: [0.01, 0.1, 1],
};

const observation = fc.record({
  labels: fc.record({ route: fc.constantFrom('/a', '/b'), status: fc.constantFrom('200', '500') }),
  value: fc.oneof(fc.constantFrom(0, 0.01, 0.1, 1, 1.5), fc.double({ min: 0, max: 2, noNaN: true })),
});

test('whatever is counted, it shows what prom-client’s own shows, between scrapes too', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(observation, { maxLength: 12 }), { maxLength: 4 }),
      async (scrapes) => {
        const ours = new SeriesHistogram({ ...config, registers: [new Registry()] });
        const theirs = new Histogram({ ...config, registers: [new Registry()] });
        for (const observations of scrapes) {
          for (const [index, { labels, value }] of observations.entries()) {
            if (index % 3 === 0) ours.observe(labels, value);
            else ours.seriesOf({ ...labels })(value);
            theirs.observe(labels, value);
          }
          const shown = async (histogram: Histogram<string>) =>
            (await histogram.get()).values
              .map(({ metricName, labels, value }) => ({ metricName, labels, value: value.toFixed(9) }))
              .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
          expect(await shown(ours)).toEqual(await shown(theirs));
        }
      },
    ),
  );
});
