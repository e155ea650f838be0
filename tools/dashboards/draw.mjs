/**
 * Pictures of the dashboards for docs/dashboards: not Grafana’s own, but drawn from the same JSON and the same queries as HTML and
 * SVG, and photographed by a headless Chromium.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findChromium } from '../test/debian-program.ts';
import { exemplarsOf, readDashboards, substitute } from './queries.ts';

const colors = [
  '#73bf69',
  '#f2cc0c',
  '#5794f2',
  '#ff9830',
  '#f2495c',
  '#b877d9',
  '#37872d',
  '#8ab8ff',
  '#ffa6b0',
  '#96d98d',
  '#c4162a',
  '#e0b400',
];
const named = { green: '#56a64b', orange: '#e68a1e', red: '#d44a3a', blue: '#5794f2' };
const escape = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
/** What a picture shows, in minutes; the seconds between its points; and the window of its rates. */
const minutes = 1;
const step = 2;
const window = '20s';

const round = (value) => Number(value.toPrecision(3)).toString();
const shown = (value, unit) => {
  if (!Number.isFinite(value)) return '–';
  if (unit === 'percentunit') return `${round(value * 100)} %`;
  if (unit === 's')
    return value >= 60
      ? `${round(value / 60)} min`
      : value >= 1 || value === 0
        ? `${round(value)} s`
        : `${round(value * 1000)} ms`;
  if (unit === 'bytes')
    return value >= 2 ** 30
      ? `${round(value / 2 ** 30)} GiB`
      : value >= 2 ** 20
        ? `${round(value / 2 ** 20)} MiB`
        : `${round(value / 1024)} KiB`;
  const short =
    value >= 1e6 ? `${round(value / 1e6)} M` : value >= 1e4 ? `${round(value / 1e3)} K` : round(value);
  return ['reqps', 'ops'].includes(unit) ? `${short} /s` : short;
};

const legendOf = (format, metric) =>
  (format ?? '').replace(/\{\{(\w+)\}\}/g, (_, label) => metric[label] ?? '').trim() || 'value';

/** Single requests that the panel marks, as their times and values. */
async function marksOf({ targets }, { url, end }) {
  const perQuery = targets
    .filter(({ exemplar }) => exemplar)
    .map(({ expr }) => exemplarsOf(url, substitute(expr, window), minutes * 60, end));
  return (await Promise.all(perQuery)).flat().map(({ timestamp, value }) => [timestamp, Number(value)]);
}

const readPanel = async (panel, prometheus) => ({
  series: await seriesOf(panel, prometheus),
  exemplars: await marksOf(panel, prometheus),
});

async function seriesOf(panel, { url, end }) {
  const all = [];
  for (const { expr, legendFormat } of panel.targets) {
    const body = new URLSearchParams({
      query: substitute(expr, window),
      start: String(end - minutes * 60),
      end: String(end),
      step: String(step),
    });
    const { data } = await fetch(`${url}/api/v1/query_range`, { method: 'POST', body }).then((each) =>
      each.json(),
    );
    for (const { metric, values } of data?.result ?? [])
      all.push({
        name: legendOf(legendFormat, metric),
        points: values
          .map(([at, value]) => [at, Number(value)])
          .filter(([, value]) => Number.isFinite(value)),
      });
  }
  return all.filter(({ points }) => points.length > 0).slice(0, 24);
}

/** The next round number; 1 above nothing at all. */
function ceiling(value) {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return (
    [1, 1.5, 2, 3, 4, 5, 6, 8, 10].map((round) => round * power).find((round) => round >= value * 1.02) ??
    10 * power * 1.5
  );
}

const thresholdColor = (steps, value) =>
  steps.filter(({ value: from }) => from === null || value >= from).at(-1)?.color ?? 'green';

function lines(panel, { series, exemplars }, width, height, end) {
  const { unit, thresholds, custom, max: fixed } = panel.fieldConfig.defaults;
  const stacked = custom?.stacking?.mode === 'normal';
  if (stacked) {
    const base = new Map();
    for (const each of series)
      each.points = each.points.map(([at, value]) => {
        const sum = (base.get(at) ?? 0) + value;
        base.set(at, sum);
        return [at, sum];
      });
  }
  const top = fixed ?? ceiling(Math.max(...series.flatMap(({ points }) => points.map(([, value]) => value))));
  const [left, bottom] = [58, 16];
  const x = (at) => left + ((at - end + minutes * 60) / (minutes * 60)) * (width - left - 6);
  const y = (value) => 4 + (1 - Math.min(value, top) / top) * (height - bottom - 4);
  const grid = [0, 0.5, 1].map(
    (part) =>
      `<line x1="${left}" x2="${width}" y1="${y(part * top)}" y2="${y(part * top)}" stroke="#2c3235"/><text x="${left - 4}" y="${y(part * top) + 8 * (part > 0.9) + 3}" text-anchor="end">${escape(shown(part * top, unit))}</text>`,
  );
  const limits = custom?.thresholdsStyle
    ? thresholds.steps
        .filter(({ value }) => value !== null && value <= top)
        .map(
          ({ value, color }) =>
            `<line x1="${left}" x2="${width}" y1="${y(value)}" y2="${y(value)}" stroke="${named[color] ?? color}" stroke-dasharray="6 4"/>`,
        )
    : [];
  const times = [0, 1, 2, 3, 4].map((quarter) => {
    const ago = minutes * 15 * quarter;
    const anchor = quarter === 4 ? 'start' : quarter === 0 ? 'end' : 'middle';
    return `<text x="${x(end - ago)}" y="${height - 3}" text-anchor="${anchor}">${ago === 0 ? 'now' : `−${ago} s`}</text>`;
  });
  const paths = series.map(({ points }, index) => {
    const color = colors[index % colors.length];
    return unbroken(points)
      .map((part) => {
        const way = part.map(([at, value]) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
        const area = stacked
          ? `<polygon points="${way} ${x(part.at(-1)[0])},${y(0)} ${x(part[0][0])},${y(0)}" fill="${color}" opacity="0.25"/>`
          : '';
        return `${area}<polyline points="${way}" fill="none" stroke="${color}" stroke-width="1.6" stroke-linecap="round"/>`;
      })
      .join('');
  });
  const diamonds = exemplars
    .filter(([, value]) => value <= top)
    .map(([at, value]) => `<path d="M${x(at)} ${y(value) - 3}l3 3-3 3-3-3z" fill="#5794f2" opacity="0.8"/>`);
  return `<svg width="${width}" height="${height}">${[grid, limits, paths.reverse(), diamonds, times].flat().join('')}</svg>`;
}

/** The stretches of a series that have no gap, each of at least two points: a lone one is drawn as a dot. */
function unbroken(points) {
  const parts = [];
  for (const point of points) {
    const part = parts.at(-1);
    if (part && point[0] - part.at(-1)[0] < 2.5 * step) part.push(point);
    else parts.push([point]);
  }
  return parts.map((part) => (part.length > 1 ? part : [part[0], [part[0][0] + 0.1, part[0][1]]]));
}

function body(panel, { series, exemplars }, width, height, end) {
  if (series.length === 0) return '<div class="none">no data</div>';
  const { unit, thresholds } = panel.fieldConfig.defaults;
  const last = (each) => each.points.at(-1)[1];
  if (panel.type === 'stat') {
    const value = last(series[0]);
    return `<div class="number" style="background:${named[thresholdColor(thresholds.steps, value)]}">${escape(shown(value, unit))}</div>`;
  }
  if (panel.type === 'bargauge') {
    const sorted = [...series].sort((one, other) => last(other) - last(one)).slice(0, 10);
    const most = Math.max(1e-9, ...sorted.map(last));
    return sorted
      .map(
        (each) =>
          `<div class="bar"><span>${escape(each.name)}</span><i style="width:${(last(each) / most) * 45}%;background:${named[thresholdColor(thresholds.steps, last(each))]}"></i><b>${escape(shown(last(each), unit))}</b></div>`,
      )
      .join('');
  }
  const legend = series
    .map(
      ({ name }, index) =>
        `<span><i style="color:${colors[index % colors.length]}">■</i> ${escape(name)}</span>`,
    )
    .slice(0, 10)
    .join(' ');
  return `${lines(panel, { series, exemplars }, width - 20, height - 72, end)}<div class="legend">${legend}</div>`;
}

const style = `body{margin:0;background:#111217;color:#d0d1d8;font:12px "DejaVu Sans",sans-serif;width:1440px}h1{font-size:17px;margin:12px 8px 0}
.page{position:relative}.panel{position:absolute;background:#181b1f;border:1px solid #2a2d33;border-radius:3px;box-sizing:border-box;padding:6px 9px;overflow:hidden}
.panel h2{font-size:12px;margin:0 0 4px;font-weight:bold}.row{position:absolute;font-weight:bold;font-size:14px;padding:4px 8px}svg text{fill:#8e9196;font-size:10px}
.legend{font-size:10px;line-height:13px;height:26px;overflow:hidden;color:#a9abb2}.legend span{white-space:nowrap;margin-right:8px}.legend i{font-style:normal}.number{height:68px;font-size:26px;display:flex;align-items:center;justify-content:center;border-radius:3px;color:#fff}
.bar{display:flex;gap:6px;margin:4px 0;align-items:center;font-size:11px}.bar span{width:34%;overflow:hidden;white-space:nowrap}.bar i{height:12px;display:block}.none{color:#8e9196;text-align:center;padding-top:40px}`;

/** @param {{ url: string, folder: string }} options where Prometheus is and pictures go */
export async function drawDashboards({ url, folder }) {
  const temporary = mkdtempSync(path.join(tmpdir(), 'bulkhead-pictures-'));
  const end = Date.now() / 1000;
  for (const { name, title, panels } of readDashboards()) {
    let bottom = 0;
    const drawn = [];
    for (const panel of panels) {
      const { x, y, w, h } = panel.gridPos;
      const box = { left: 4 + x * 59.8, top: y * 34, width: w * 59.8 - 6, height: h * 34 - 6 };
      bottom = Math.max(bottom, box.top + h * 34);
      const place = `left:${box.left}px;top:${box.top}px;width:${box.width}px;height:${box.height}px`;
      if (panel.type === 'row') drawn.push(`<div class="row" style="${place}">${escape(panel.title)}</div>`);
      else
        drawn.push(
          `<div class="panel" style="${place}"><h2>${escape(panel.title)}</h2>${body(panel, await readPanel(panel, { url, end }), box.width, box.height, end)}</div>`,
        );
    }
    const html = path.join(temporary, `${name}.html`);
    writeFileSync(
      html,
      `<!doctype html><meta charset="utf-8"><style>${style}</style><h1>${escape(title)}</h1><div class="page" style="height:${bottom}px">${drawn.join('')}</div>`,
    );
    const picture = path.join(folder, `${name}.png`);
    const shot = spawnSync(
      findChromium(),
      [
        '--headless=new',
        '--no-sandbox',
        '--disable-gpu',
        '--hide-scrollbars',
        `--user-data-dir=${temporary}`,
        `--window-size=1440,${Math.ceil(bottom) + 44}`,
        `--screenshot=${picture}`,
        `file://${html}`,
      ],
      { encoding: 'utf8' },
    );
    if (shot.status !== 0)
      throw new Error(`${name} could not be drawn: ${shot.error?.message ?? shot.stderr}`);
  }
  rmSync(temporary, { recursive: true, force: true });
}
