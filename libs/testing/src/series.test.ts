import { seriesIn } from './series';

it('series are their names and labels, whatever their values', () => {
  const text = [
    '# HELP a What it is.',
    'a_total{route="/x/{id}",status="200"} 3',
    'a_bucket{le="1",route="say \\"hi\\" }"} 1 # {trace_id="0af7"} 0.5 1700000000.000',
    'b 1.5',
    '# EOF',
  ].join('\n');
  expect([...seriesIn(text)]).toEqual([
    'a_total{route="/x/{id}",status="200"}',
    'a_bucket{le="1",route="say \\"hi\\" }"}',
    'b',
  ]);
});
