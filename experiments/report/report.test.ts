import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Sample } from '../load/samples';
import { correct, type Experiment, timed } from '../run/experiment';
import { observe } from '../run/observation';
import { perSecondOf } from './series';
import { writeIndex } from './write-index';
import { writeReport } from './write-report';

const samples = Array.from({ length: 600 }, (_, index): Sample => {
  const at = index * 50;
  const inFault = at >= 9_000 && at < 21_000;
  return {
    kind: index % 4 === 0 ? 'order' : 'browse',
    at,
    latencyMs: inFault ? 900 : 20,
    status: inFault && index % 7 === 0 ? 503 : 201,
  };
});
const observation = observe({
  kind: 'services',
  phases: { faultBegins: 9_000, faultEnds: 21_000, loadEnds: 30_000 },
  load: { samples, orders: [], buyers: 0, latenessP99Ms: 2 },
  notes: [{ at: 9_000, text: 'a <fault> & more' }],
  measures: {},
  busyShare: 0.5,
  settlement: {
    acknowledged: 0,
    unfinished: 0,
    lost: 0,
    states: {},
    settledAfterMs: 0,
    invariants: {
      at: '',
      verdict: 'holds',
      quiescence: { reached: true, afterMs: 0, waitingFor: [] },
      restAt: '',
      invariants: [],
    },
  },
});
const experiment = {
  name: 'an-experiment',
  title: 'A <title>',
  story: 'A story.',
  steadyState: 'Well.',
  hypothesis: 'Still well.',
  fault: 'Something.',
  rates: { browse: 15, buy: 5 },
} as unknown as Experiment;

describe('a report', () => {
  let folder: string;
  beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'report-'))));
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const write = async (timingIsVoid: boolean) => {
    await writeReport(
      {
        experiment,
        observations: [observation],
        verdicts: [
          correct('orders go through', true, '150 orders'),
          timed('they are fast', false, '900 ms | slow'),
        ],
        timingIsVoid,
        startedAt: new Date(0),
        seconds: 30,
        seed: 1,
      },
      folder,
    );
    const read = (name: string) => readFile(join(folder, name), 'utf8');
    return {
      html: await read('an-experiment.html'),
      markdown: await read('an-experiment.md'),
      svg: await read('an-experiment.svg'),
    };
  };

  it('says what held and what did not, in a page that needs nothing beside it', async () => {
    const { html, markdown } = await write(false);
    expect(html).toContain('The hypothesis does not hold');
    expect(html).toContain('A &lt;title&gt;');
    expect(html).toContain('a &lt;fault&gt; &amp; more');
    expect(html).not.toMatch(/<(script|link|img)/);
    expect(markdown).toContain('| ✅ | orders go through | 150 orders |');
    expect(markdown).toContain('| ❌ | they are fast | 900 ms / slow |');
  });

  it('takes nothing that was timed for true or false when the generator was late', async () => {
    const { html, markdown } = await write(true);
    expect(html).toContain('the generator was late');
    expect(markdown).toContain('| ➖ | they are fast |');
    expect(markdown).toContain('| ✅ | orders go through |');
  });

  it('is found from an index of all that the folder has, in the order of the stories', async () => {
    await write(false);
    await writeIndex(folder, ['not-run', 'an-experiment']);
    const markdown = await readFile(join(folder, 'README.md'), 'utf8');
    expect(markdown).toMatch(/\| \[A <title>\]\(an-experiment\.md\) \| 1\s*\| 1\s*\| 0/);
    expect(markdown).not.toContain('not-run');
    const html = await readFile(join(folder, 'index.html'), 'utf8');
    expect(html).toContain('A &lt;title&gt;');
    expect(html).toContain('1 held, <b>1 did not</b>');
  });

  it('draws everybody who came, in the second in which they came', async () => {
    const seconds = perSecondOf(samples, 'browse', 30);
    const total = seconds.reduce((sum, { served, shed, failed }) => sum + served + shed + failed, 0);
    expect(total).toBe(samples.filter(({ kind }) => kind === 'browse').length);
    expect(seconds.every(({ failed }) => failed === 0)).toBe(true);
    expect(seconds.filter(({ shed }) => shed > 0).every(({ at }) => at >= 9 && at < 21)).toBe(true);
    const { svg } = await write(false);
    expect(svg).not.toContain('NaN');
  });
});
