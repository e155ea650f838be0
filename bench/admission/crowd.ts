import { fork } from 'node:child_process';
import { Agent, request } from 'node:http';
import { quantile } from '../../experiments/load/samples';
import { message } from '../processes';

/** Who comes, and whether they wait for one another. */
export interface Crowd {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly seconds: number;
  /** Clients that send their next request when they have the response to the one before; or: */
  readonly clients?: number;
  /** Requests a second, whatever becomes of those before. */
  readonly perSecond?: number;
}

/** What became of a crowd. */
export interface Turnout {
  readonly servedPerSecond: number;
  /** Part of the requests that got 503. */
  readonly refusedShare: number;
  /** ms until the response, of those who were served. */
  readonly servedP99Ms: number;
  /** ms until the 503. NaN where there was none. */
  readonly refusedP95Ms: number;
}

/** Sends a crowd from a process of its own. @throws Error when anything came back but 2xx and 503 */
export async function send(crowd: Crowd): Promise<Turnout> {
  const child = fork(__filename, ['crowd'], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  child.send(crowd);
  const { turnout, failed } = await message<{ turnout: Turnout; failed: number }>(
    child,
    crowd.seconds * 1_000 + 20_000,
  );
  if (failed > 0) throw new Error(`${crowd.url}: ${failed} failures`);
  return turnout;
}

/** The generator's side. */
export function runCrowd(): void {
  process.once('message', (crowd: Crowd) => {
    void gather(crowd).then((outcome) => process.send?.(outcome, () => process.exit(0)));
  });
}

const tickMs = 5;

async function gather({ url, headers, seconds, clients = 0, perSecond = 0 }: Crowd) {
  const agent = new Agent({ keepAlive: true, maxSockets: Infinity });
  const served: number[] = [];
  const refused: number[] = [];
  let failed = 0;
  const ask = () =>
    new Promise<void>((resolve) => {
      const since = performance.now();
      const outgoing = request(url, { agent, headers }, (response) => {
        response.resume().once('end', () => {
          const status = response.statusCode!;
          const tookMs = performance.now() - since;
          if (status === 503) refused.push(tookMs);
          else if (status < 300) served.push(tookMs);
          else failed += 1;
          resolve();
        });
      });
      outgoing.once('error', () => {
        failed += 1;
        resolve();
      });
      outgoing.end();
    });
  const begunAt = performance.now();
  const overAt = begunAt + seconds * 1_000;
  const client = async () => {
    while (performance.now() < overAt) await ask();
  };
  const crowd = Array.from({ length: clients }, client);
  for (let sent = 0; perSecond > 0 && performance.now() < overAt;) {
    const due = ((performance.now() - begunAt) / 1_000) * perSecond;
    for (; sent < due; sent++) crowd.push(ask());
    await new Promise((resolve) => setTimeout(resolve, tickMs));
  }
  await Promise.all(crowd);
  const turnout: Turnout = {
    servedPerSecond: served.length / ((performance.now() - begunAt) / 1_000),
    refusedShare: refused.length / (served.length + refused.length),
    servedP99Ms: quantile(served, 0.99),
    refusedP95Ms: quantile(refused, 0.95),
  };
  return { turnout, failed };
}
