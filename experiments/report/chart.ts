import type { RequestClass } from '../load/samples';
import type { Observation } from '../run/observation';
import { perSecondOf, type Second } from './series';
import { colours, type Frame, label, line, path, rectangle } from './svg';

const width = 960;
const left = 58;
const gap = 30;
const panel = { rate: 96, latency: 110, between: 34 };
const headHeight = 34;

const names: Readonly<Record<RequestClass, string>> = {
  order: 'Placing orders',
  browse: 'Looking at the catalog',
  search: 'Searching',
  'sign-in': 'Signing in',
  account: 'Own orders',
};
export const subjectNames: Readonly<Record<string, string>> = {
  'naive-monolith': 'Naive monolith (no policies)',
  monolith: 'Monolith, with every policy',
  services: 'Nine services',
  cluster: 'In a cluster',
};

/** What is drawn of an observation. */
export type Drawn = Pick<Observation, 'kind' | 'phases' | 'notes'> & {
  readonly load: Pick<Observation['load'], 'samples'>;
};

interface Column {
  readonly observation: Drawn;
  readonly x: number;
  readonly width: number;
  readonly seconds: number;
}

/** Rates and latencies over time, a column a subject, on the same scales: everything side by side. */
export function drawChart(observations: readonly Drawn[], kinds: readonly RequestClass[]): string {
  const columnWidth = (width - left - gap * (observations.length - 1) - 12) / observations.length;
  const columns = observations.map((observation, index): Column => ({
    observation,
    x: left + index * (columnWidth + gap),
    width: columnWidth,
    seconds: Math.round(observation.phases.loadEnds / 1_000),
  }));
  const parts: string[] = [];
  let y = headHeight;
  for (const { observation, x } of columns)
    parts.push(
      label(x, 18, subjectNames[observation.kind] ?? observation.kind, {
        size: 14,
        fill: colours.ink,
        weight: 600,
      }),
    );
  for (const kind of kinds) {
    const series = columns.map((column) =>
      perSecondOf(column.observation.load.samples, kind, column.seconds),
    );
    parts.push(label(left, y + 12, `${names[kind]}: requests a second`, { fill: colours.ink, weight: 600 }));
    y += 20;
    const maxRate = niceAbove(Math.max(1, ...series.flat().map(totalOf)));
    columns.forEach((column, index) =>
      parts.push(drawRates(column, series[index]!, { y, height: panel.rate }, maxRate, index === 0)),
    );
    y += panel.rate + panel.between;
    parts.push(label(left, y + 2, `${names[kind]}: time to the answer`, { fill: colours.ink, weight: 600 }));
    y += 10;
    columns.forEach((column, index) =>
      parts.push(drawLatencies(column, series[index]!, { y, height: panel.latency }, index === 0)),
    );
    y += panel.latency + panel.between;
  }
  parts.push(drawLegend(y));
  const height = y + 26;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, -apple-system, 'Segoe UI', sans-serif" role="img">`,
    rectangle({ x: 0, y: 0, width, height }, '#ffffff'),
    ...parts,
    '</svg>',
  ].join('\n');
}

const totalOf = ({ served, shed, failed }: Second): number => served + shed + failed;

function niceAbove(value: number): number {
  const step = 10 ** Math.floor(Math.log10(value));
  for (const factor of [1, 2, 3, 4, 5, 8, 10]) if (factor * step >= value) return factor * step;
  return 10 * step;
}

type Band = Pick<Frame, 'y' | 'height'>;
const xOf = ({ x, width, seconds }: Column, second: number): number => x + (second / seconds) * width;

/** The time of the fault as a shade, what was done as ticks, and seconds below. */
function drawBackground(column: Column, { y, height }: Band): string {
  const { phases, notes } = column.observation;
  const from = xOf(column, phases.faultBegins / 1_000);
  const to = xOf(column, phases.faultEnds / 1_000);
  const step = column.seconds > 120 ? 60 : column.seconds > 45 ? 10 : 5;
  const marks = [rectangle({ x: from, y, width: to - from, height }, colours.fault)];
  for (const { at } of notes)
    if (at >= 0 && at <= phases.loadEnds)
      marks.push(
        line(
          xOf(column, at / 1_000),
          y,
          xOf(column, at / 1_000),
          y + height,
          '#c98a5e',
          'stroke-dasharray="2 3"',
        ),
      );
  for (let second = 0; second <= column.seconds; second += step)
    marks.push(label(xOf(column, second), y + height + 13, `${second} s`, { anchor: 'middle', size: 10 }));
  marks.push(line(column.x, y + height, column.x + column.width, y + height, colours.faint));
  return marks.join('');
}

function drawRates(
  column: Column,
  seconds: readonly Second[],
  band: Band,
  most: number,
  first: boolean,
): string {
  const { y, height } = band;
  const scale = height / most;
  const parts = [drawBackground(column, band)];
  for (const value of [0, most / 2, most]) {
    parts.push(
      line(
        column.x,
        y + height - value * scale,
        column.x + column.width,
        y + height - value * scale,
        colours.grid,
      ),
    );
    if (first) parts.push(label(left - 8, y + height - value * scale + 4, String(value), { anchor: 'end' }));
  }
  const barWidth = column.width / column.seconds;
  for (const each of seconds) {
    let bottom = y + height;
    const { served, later, shed, failed, at } = each;
    for (const [count, colour] of [
      [served - later, colours.served],
      [later, colours.later],
      [shed, colours.shed],
      [failed, colours.failed],
    ] as const) {
      if (count === 0) continue;
      bottom -= count * scale;
      parts.push(
        rectangle(
          { x: xOf(column, at) + 0.5, y: bottom, width: Math.max(1, barWidth - 1), height: count * scale },
          colour,
        ),
      );
    }
  }
  return parts.join('');
}

const fastestMs = 1;
const slowestMs = 60_000;

/** On a logarithmic scale: what takes ten times as long is as far above everywhere. */
function drawLatencies(column: Column, seconds: readonly Second[], band: Band, first: boolean): string {
  const { y, height } = band;
  const decades = Math.log10(slowestMs / fastestMs);
  const yOf = (value: number) =>
    Number.isNaN(value)
      ? NaN
      : y + height - (Math.log10(Math.min(slowestMs, Math.max(fastestMs, value))) / decades) * height;
  const parts = [drawBackground(column, band)];
  for (const [value, text] of [
    [1, '1 ms'],
    [10, '10 ms'],
    [100, '100 ms'],
    [1_000, '1 s'],
    [10_000, '10 s'],
  ] as const) {
    parts.push(line(column.x, yOf(value), column.x + column.width, yOf(value), colours.grid));
    if (first) parts.push(label(left - 8, yOf(value) + 4, text, { anchor: 'end' }));
  }
  const points = (of: (second: Second) => number) =>
    seconds.map((each) => [xOf(column, each.at + 0.5), yOf(of(each))] as const);
  parts.push(
    path(
      points(({ maxMs }) => maxMs),
      colours.slowest,
      1.5,
    ),
  );
  parts.push(
    path(
      points(({ p50Ms }) => p50Ms),
      colours.median,
    ),
  );
  return parts.join('');
}

function drawLegend(y: number): string {
  const entries = [
    [colours.served, 'served'],
    [colours.later, 'taken, finished later (202)'],
    [colours.shed, 'turned away (503)'],
    [colours.failed, 'failed'],
    [colours.median, 'median of the served'],
    [colours.slowest, 'slowest'],
    [colours.fault, 'the fault'],
  ] as const;
  let x = left;
  return entries
    .map(([colour, text]) => {
      const drawn =
        rectangle({ x, y: y - 1, width: 12, height: 12 }, colour, 'rx="2"') +
        label(x + 17, y + 9, text, { size: 11 });
      x += 17 + text.length * 6 + 22;
      return drawn;
    })
    .join('');
}
