import type { RatioBench } from '../bench';
import { compare, median } from '../comparison';
import { startServer, type ServerProcess } from '../processes';
import { send, type Turnout } from './crowd';

const clients = 64;
const onACore = { COMPUTING_MS: '1' };
/** The limit alone: who finds no place is refused. */
const withoutQueue = { ...onACore, CONCURRENCY_QUEUE: '0' };

const addressOf = ({ origin, headers = {} }: ServerProcess) => ({ url: `${origin}/page`, headers });

const described = (turnouts: readonly Turnout[], pairs: number): string => {
  const counted = turnouts.slice(-pairs);
  const of = (value: (turnout: Turnout) => number) => median(counted.map(value));
  return `${(100 * of(({ refusedShare }) => refusedShare)).toFixed(1)} % refused, p99 ${Math.round(of(({ servedP99Ms }) => servedP99Ms))} ms`;
};

/** Readers who wait for their page before they ask for the next: never more than so many at once. */
export const closedLoop: RatioBench = {
  name: 'admission-closed',
  title: `${clients} readers in a closed loop, with and without a queue before the limit`,
  target: undefined,
  async run({ pairs, seconds }) {
    const servers = [
      await startServer('catalog', onACore),
      await startServer('catalog', withoutQueue),
    ] as const;
    const turnouts: readonly [Turnout[], Turnout[]] = [[], []];
    const side = (at: 0 | 1) => async () => {
      const turnout = await send({ ...addressOf(servers[at]), clients, seconds });
      turnouts[at].push(turnout);
      return { perSecond: turnout.servedPerSecond };
    };
    try {
      const ratios = await compare({
        ours: { name: 'queue', measure: side(0) },
        theirs: { name: 'limit', measure: side(1) },
        pairs,
      });
      return {
        kind: 'ratio',
        ours: 'the limit with its queue',
        theirs: 'the limit alone',
        unit: 'pages served/s',
        ratios,
        checked: `${described(turnouts[0], pairs)}; without the queue ${described(turnouts[1], pairs)}`,
      };
    } finally {
      await Promise.all(servers.map((server) => server.stop()));
    }
  },
};

/** Twice as many as can be served, whatever becomes of them. */
export const openLoop: RatioBench = {
  name: 'admission-open',
  title: 'What is served of the peak when twice as much is asked for',
  target: 0.95,
  async run({ pairs, seconds }) {
    const server = await startServer('catalog');
    const refusedMs: number[] = [];
    let peak = 500;
    try {
      const ratios = await compare({
        ours: {
          name: 'overload',
          async measure() {
            const turnout = await send({ ...addressOf(server), perSecond: 2 * peak, seconds });
            refusedMs.push(turnout.refusedP95Ms);
            return { perSecond: turnout.servedPerSecond };
          },
        },
        theirs: {
          name: 'peak',
          async measure() {
            const { servedPerSecond } = await send({ ...addressOf(server), clients, seconds });
            peak = servedPerSecond;
            return { perSecond: peak };
          },
        },
        pairs,
      });
      return {
        kind: 'ratio',
        ours: 'an open loop of twice the peak',
        theirs: `the peak, ${clients} readers in a closed loop`,
        unit: 'pages served/s',
        ratios,
        checked: `the others were refused within ${Math.round(median(refusedMs.slice(-pairs)))} ms (p95)`,
      };
    } finally {
      await server.stop();
    }
  },
};
