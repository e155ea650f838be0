import { cpus, release, totalmem, type } from 'node:os';
import type { FiguresOutcome, Finding } from './bench';
import { median } from './comparison';

const mib = 1024 * 1024;
const whole = (value: number) => Math.round(value).toLocaleString('en');
const inMib = (bytes: number) => `${whole(bytes / mib)} MiB`;
const fold = (value: number) => `${value.toFixed(2)}×`;

type Figure = FiguresOutcome['figures'][number];

const missesBound = ({ values, atLeast = -Infinity, atMost = Infinity }: Figure): boolean => {
  const value = median(values);
  return !(value >= atLeast && value <= atMost);
};

/** Does it miss what the design promises? */
export function misses({ bench, outcome }: Finding): boolean {
  if (outcome.kind === 'failed') return true;
  if (outcome.kind === 'sizes') return outcome.sizes.some(({ bytes, most }) => bytes > (most ?? Infinity));
  if (outcome.kind === 'counts') return outcome.counts.some(({ count, most }) => count > (most ?? Infinity));
  if (outcome.kind === 'figures') return outcome.figures.some(missesBound);
  return 'target' in bench && bench.target !== undefined && median(outcome.ratios.ratios) < bench.target;
}

interface Row {
  readonly verdict: 'met' | 'missed' | '';
  readonly what: string;
  readonly found: string;
  readonly wanted: string;
  readonly detail: string;
}

function rowOfFigure(figure: Figure): Row {
  const { what, values, atLeast, atMost, unit = '×', detail } = figure;
  const told = (value: number) => `${value < 10 ? value.toFixed(2) : value.toFixed(1)}${unit}`;
  const wanted =
    atLeast !== undefined ? `≥ ${atLeast}${unit}` : atMost !== undefined ? `≤ ${atMost}${unit}` : '–';
  return {
    what,
    found:
      values.length > 1
        ? `${told(median(values))} (${told(Math.min(...values))} – ${told(Math.max(...values))})`
        : told(median(values)),
    wanted,
    verdict: wanted === '–' ? '' : missesBound(figure) ? 'missed' : 'met',
    detail,
  };
}

function rows({ bench, outcome }: Finding): Row[] {
  if (outcome.kind === 'failed')
    return [{ what: bench.title, found: 'broken', wanted: '–', verdict: 'missed', detail: outcome.reason }];
  if (outcome.kind === 'sizes')
    return outcome.sizes.map(({ what, bytes, most }) => ({
      what,
      found: inMib(bytes),
      wanted: most === undefined ? '–' : `≤ ${inMib(most)}`,
      verdict: most === undefined ? '' : bytes <= most ? 'met' : 'missed',
      detail: '',
    }));
  if (outcome.kind === 'counts')
    return outcome.counts.map(({ what, count, most, detail }) => ({
      what,
      found: count.toFixed(1),
      wanted: most === undefined ? '–' : `≤ ${most}`,
      verdict: most === undefined ? '' : count <= most ? 'met' : 'missed',
      detail,
    }));
  if (outcome.kind === 'figures') return outcome.figures.map(rowOfFigure);
  const { ours, theirs, ratios, byTime } = outcome.ratios;
  const target = 'target' in bench ? bench.target : undefined;
  return [
    {
      what: `${outcome.ours} against ${outcome.theirs}`,
      found: `${fold(median(ratios))} (${fold(Math.min(...ratios))} – ${fold(Math.max(...ratios))})`,
      wanted: target === undefined ? '–' : `≥ ${target}×`,
      verdict: target === undefined ? '' : median(ratios) >= target ? 'met' : 'missed',
      detail: `${whole(median(ours))} against ${whole(median(theirs))} ${outcome.unit}; ${ratios.length} pairs${
        byTime ? `; ${fold(median(byTime))} by the time that passed` : ''
      }${outcome.checked ? `; ${outcome.checked}` : ''}`,
    },
  ];
}

export const asText = (finding: Finding): string =>
  rows(finding)
    .map(
      ({ what, found, wanted, detail }) =>
        `  ${what}: ${found}, wanted ${wanted}${detail && `\n    ${detail}`}\n`,
    )
    .join('') + (misses(finding) ? '  MISSED\n' : '');

const machine = () =>
  `${cpus().length} cores (${cpus()[0]?.model.trim()}), ${Math.round(totalmem() / 1024 ** 3)} GiB, ${type()} ${release().split('-')[0]}, Node ${process.versions.node}, embedded PostgreSQL 18, the RabbitMQ of the machine`;

/** The report that is kept with the code. Says nothing about the machine but what the numbers depend on. */
export function asMarkdown(findings: readonly Finding[], at: Date): string {
  const lines = findings.flatMap((finding) =>
    rows(finding).map(
      ({ what, found, wanted, verdict, detail }) =>
        `| ${finding.bench.name} | ${what} | ${found} | ${wanted} | ${verdict} | ${detail} |`,
    ),
  );
  return `# What \`npm run bench\` measured

${at.toISOString().slice(0, 10)} on ${machine()}. Ratios are medians (least – greatest) of pairs measured in turns in one run, each side in a process of its own where it is a server, the generator in another, everything on loopback. Absolute numbers differ from machine to machine; the ratios are what counts.

| bench | what | found | wanted | | detail |
|---|---|---|---|---|---|
${lines.join('\n')}
`;
}
