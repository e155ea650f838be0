import { fork } from 'node:child_process';
import autocannon from 'autocannon';
import { message } from './processes';

export interface Load {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Requests in progress at any time, each on a connection of its own. */
  readonly connections: number;
  readonly seconds: number;
}

interface Report {
  readonly answered: number;
  readonly refused: number;
  readonly failed: number;
  readonly seconds: number;
}

/**
 * Sends as many requests as are answered, from a process of its own.
 * @returns answers per second
 * @throws Error when anything but 2xx came back: a refusal is quicker than an answer and must not count
 */
export async function requestsPerSecond(
  load: Load,
): Promise<{ readonly perSecond: number; readonly answered: number }> {
  const child = fork(__filename, ['generator'], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  child.send(load);
  const { answered, refused, failed, seconds } = await message<Report>(child, load.seconds * 1_000 + 20_000);
  if (refused + failed > 0 || answered === 0)
    throw new Error(
      `${load.method} ${load.url}: ${answered} answers, ${refused} refusals, ${failed} failures`,
    );
  return { perSecond: answered / seconds, answered };
}

/** The generator's side. */
export function runGenerator(): void {
  process.once('message', (load: Load) => {
    void generate(load).then((report) => {
      process.send?.(report, () => process.exit(0));
    });
  });
}

async function generate({ url, method, headers, body, connections, seconds }: Load): Promise<Report> {
  const result = await autocannon({
    url,
    method,
    headers,
    ...(body === undefined ? {} : { body }),
    connections,
    duration: seconds,
    timeout: 5,
  });
  return {
    answered: result['2xx'],
    refused: result.non2xx,
    failed: result.errors + result.timeouts,
    seconds: result.duration,
  };
}
