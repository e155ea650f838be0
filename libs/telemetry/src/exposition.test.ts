import { negotiateExposition } from './exposition';
import { exposeTogether } from './expose-together';
import { capped, createMetrics } from './metrics';

describe('the format of metrics', () => {
  it.each([
    ['nobody says anything', undefined, 'text'],
    ['anything is accepted', '*/*', 'text'],
    ['only text is accepted', 'text/plain;version=0.0.4', 'text'],
    ['only OpenMetrics is accepted', 'application/openmetrics-text', 'openmetrics'],
    ['text is preferred', 'application/openmetrics-text;version=1.0.0;q=0.5, text/plain;q=0.9', 'text'],
    ['OpenMetrics is refused', 'application/openmetrics-text;q=0, */*', 'text'],
    ['a version is asked for that is not spoken', 'application/openmetrics-text;version=2.0.0', 'text'],
    [
      'Prometheus 2 asks',
      'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
      'openmetrics',
    ],
    [
      'Prometheus 3 asks',
      'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1',
      'openmetrics',
    ],
  ])('when %s', (_when, accept, format) => {
    expect(negotiateExposition(accept)).toBe(format);
  });

  it('is either one for any scrape: text has whole names, no exemplars and no end mark', async () => {
    const metrics = createMetrics({ service: 'order' });
    metrics
      .counter({ name: 'a_total', help: 'A # {b}.', labels: { of: capped(1) } })
      .add({ of: '"} 1 # {x="y"} 2' });
    metrics
      .histogram({ name: 'took_seconds', help: 'Took.', buckets: [1] })
      .observe({}, 0.5, '0af7651916cd43dd8448eb211c80319c');
    const text = `# HELP a_total A # {b}.
# TYPE a_total counter
a_total{of="\\"} 1 # {x=\\"y\\"} 2",service="order"} 1
# HELP took_seconds Took.
# TYPE took_seconds histogram
took_seconds_bucket{le="1",service="order"} 1
took_seconds_bucket{le="+Inf",service="order"} 1
took_seconds_sum{service="order"} 0.5
took_seconds_count{service="order"} 1
`;
    expect(await metrics.expose('text')).toBe(text);
    const openMetrics = await metrics.expose('openmetrics');
    expect(openMetrics).toContain('# TYPE a counter\n');
    expect(openMetrics).toMatch(
      /le="1",service="order"\} 1 # \{trace_id="0af7651916cd43dd8448eb211c80319c"\} 0\.5 /,
    );
    expect(openMetrics).toMatch(/\n# EOF\n$/);
    expect(await metrics.expose('text')).toBe(text);
    expect(await exposeTogether([metrics], 'text')).toBe(text);
  });
});
