import type { FiguresBench, FiguresOutcome } from '../bench';
import { median } from '../comparison';
import type { Pace } from '../pace';
import { sumOf } from '../purchase-statements/statement-counts';
import { createStatementMeter } from '../purchase-statements/statement-meter';
import { baselineCommit, buildBaseline } from './baseline';
import { type Sale, type ShopSide, startShopSide } from './shop-side';

type Figures = FiguresOutcome['figures'];

const manyBuyers = 32;
const readers = 64;
/** More than of a single page: an order is a hundred times as long. */
const longer = 3;
const readingPace = 5;
const maxPairs = 5;

/** Both builds at once, so that what disturbs the machine disturbs both. */
interface Both {
  readonly ours: ShopSide;
  readonly theirs: ShopSide;
}

async function withBoth<T>(command: 'monolith' | 'services', work: (both: Both) => Promise<T>): Promise<T> {
  const baseline = await buildBaseline();
  try {
    const start = (root: string) => startShopSide({ command, root, buyers: manyBuyers });
    const ours = await start(process.cwd());
    try {
      const theirs = await start(baseline.root);
      try {
        return await work({ ours, theirs });
      } finally {
        await theirs.stop();
      }
    } finally {
      await ours.stop();
    }
  } finally {
    await baseline.remove();
  }
}

interface Pairs<T> {
  readonly ours: readonly T[];
  readonly theirs: readonly T[];
}

/** A B A B …, after a turn of each that does not count. */
async function inPairs<T>({ ours, theirs }: Both, pairs: number, work: (side: ShopSide) => Promise<T>) {
  await work(ours);
  await work(theirs);
  const found: { ours: T[]; theirs: T[] } = { ours: [], theirs: [] };
  for (let pair = 0; pair < pairs; pair++) {
    found.ours.push(await work(ours));
    found.theirs.push(await work(theirs));
  }
  return found;
}

const ratios = <T>({ ours, theirs }: Pairs<T>, of: (value: T) => number) =>
  ours.map((our, index) => of(our) / of(theirs[index]!));

const against = <T>(pairs: Pairs<T>, of: (value: T) => number, unit: string) =>
  `${median(pairs.ours.map(of)).toFixed(1)} against ${median(pairs.theirs.map(of)).toFixed(1)} ${unit}; ${pairs.ours.length} pairs`;

const refusedPercent = ({ refused, orders }: Sale) => (100 * refused) / (refused + orders);

const crowdFigures = (many: Pairs<Sale>, where: string, wanted: { rate: number; p99?: number }): Figures => [
  {
    what: `orders/s ${where}, ${manyBuyers} buyers, all confirmed`,
    values: ratios(many, ({ perSecond }) => perSecond),
    atLeast: wanted.rate,
    detail: against(many, ({ perSecond }) => perSecond, 'orders/s'),
  },
  {
    what: `attempts refused ${where}, ${manyBuyers} buyers`,
    values: many.ours.map(refusedPercent),
    atMost: 0,
    unit: ' %',
    detail: against(many, refusedPercent, '%'),
  },
  {
    what: `p99 of POST /orders ${where}, ${manyBuyers} buyers`,
    values: ratios(many, ({ p99Ms }) => p99Ms),
    ...(wanted.p99 === undefined ? {} : { atMost: wanted.p99 }),
    detail: against(many, ({ p99Ms }) => p99Ms, 'ms'),
  },
  {
    what: `CPU of all processes for an order ${where}, ${manyBuyers} buyers`,
    values: ratios(many, ({ cpuMs }) => cpuMs),
    ...(wanted.p99 === undefined ? {} : { atMost: 0.2 }),
    detail: against(many, ({ cpuMs }) => cpuMs, 'ms'),
  },
];

/** A whole purchase, and the pages before it, in one process. */
export const purchase: FiguresBench = {
  name: 'purchase',
  title: `A purchase in one process, against the build of ${baselineCommit}`,
  run: (pace) =>
    withBoth('monolith', async (both) => {
      const pairs = Math.min(maxPairs, pace.pairs);
      const seconds = pace.seconds * longer;
      const many = await inPairs(both, pairs, (side) => side.sell(manyBuyers, seconds));
      const one = await inPairs(both, pairs, (side) => side.sell(1, seconds));
      return {
        kind: 'figures',
        figures: [
          ...crowdFigures(many, 'in one process', { rate: 6, p99: 0.5 }),
          {
            what: 'p50 of POST /orders in one process, one buyer alone',
            values: ratios(one, ({ p50Ms }) => p50Ms),
            atMost: 0.8,
            detail: against(one, ({ p50Ms }) => p50Ms, 'ms'),
          },
          await statements(both, seconds),
          ...(await reading(both, pairs, pace)),
        ],
      };
    }),
};

/** The same with a process a service. */
export const purchaseInProcesses: FiguresBench = {
  name: 'purchase-processes',
  title: `A purchase in processes over RabbitMQ, against the build of ${baselineCommit}`,
  run: (pace) =>
    withBoth('services', async (both) => {
      const many = await inPairs(both, Math.min(maxPairs, pace.pairs), (side) =>
        side.sell(manyBuyers, pace.seconds * longer),
      );
      return { kind: 'figures', figures: crowdFigures(many, 'in processes', { rate: 4 }) };
    }),
};

async function statements({ ours, theirs }: Both, seconds: number): Promise<Figures[number]> {
  const count = async (side: ShopSide) => {
    const meter = await createStatementMeter(side.admin);
    const { counts } = await meter(async () => {
      const { orders } = await side.sell(manyBuyers, seconds);
      return Array.from({ length: orders });
    });
    return sumOf(counts);
  };
  const our = await count(ours);
  const their = await count(theirs);
  return {
    what: `SQL statements of an order in one process, ${manyBuyers} buyers`,
    values: [our],
    atMost: 24,
    unit: '',
    detail: `${our.toFixed(1)} against ${their.toFixed(1)}`,
  };
}

async function reading(both: Both, pairs: number, { seconds }: Pace): Promise<Figures> {
  const long = seconds * readingPace;
  const closed = await inPairs(both, Math.min(3, pairs), (side) =>
    side.read({ clients: readers, seconds: long }),
  );
  const peak = median(closed.ours.map(({ servedPerSecond }) => servedPerSecond));
  const twice = [];
  for (let turn = 0; turn < pairs; turn++)
    twice.push(await both.ours.read({ perSecond: 2 * peak, seconds: seconds * longer }));
  const percent = ({ refusedShare }: { refusedShare: number }) => 100 * refusedShare;
  return [
    {
      what: `pages/s of ${readers} readers in a closed loop`,
      values: ratios(closed, ({ servedPerSecond }) => servedPerSecond),
      atLeast: 1.3,
      detail: against(closed, ({ servedPerSecond }) => servedPerSecond, 'pages/s'),
    },
    {
      what: `pages refused to ${readers} readers in a closed loop`,
      values: closed.ours.map(percent),
      atMost: 0,
      unit: ' %',
      detail: against(closed, percent, '%'),
    },
    {
      what: `p99 of a page, ${readers} readers in a closed loop`,
      values: closed.ours.map(({ servedP99Ms }) => servedP99Ms),
      atMost: 150,
      unit: ' ms',
      detail: against(closed, ({ servedP99Ms }) => servedP99Ms, 'ms'),
    },
    {
      what: 'pages/s in an open loop of twice the peak, of the peak',
      values: twice.map(({ servedPerSecond }) => servedPerSecond / peak),
      atLeast: 0.95,
      detail: `peak ${peak.toFixed(0)} pages/s, in the closed loop`,
    },
    {
      what: 'pages refused in an open loop of twice the peak: p95 until the refusal',
      values: twice.map(({ refusedP95Ms }) => refusedP95Ms),
      atMost: 50,
      unit: ' ms',
      detail: `p99 of those served ${median(twice.map(({ servedP99Ms }) => servedP99Ms)).toFixed(0)} ms`,
    },
  ];
}
