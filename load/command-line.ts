import { parseArgs } from 'node:util';
import { checkTarget } from './target';

export interface LoadOptions {
  readonly scenario: string;
  readonly origin: string;
  /** Arrivals per second at the peak; undefined: the scenario's own. */
  readonly rate: number | undefined;
  readonly seconds: number | undefined;
  /** File that gets the result as JSON. */
  readonly json: string | undefined;
}

const most = { rate: 2_000, seconds: 4 * 3_600 };

export const usage = `usage: npm run load -- SCENARIO [--url URL] [--rate N] [--seconds N] [--json FILE] [--allow-host HOST]

  --url         where the shop is; default http://127.0.0.1:$PORT (3000), where npm start puts it
  --rate        arrivals per second at the peak, at most ${most.rate}
  --seconds     how long they come, at most ${most.seconds}
  --json        writes the result there too
  --allow-host  a host other than this machine that may be loaded
`;

/** @throws Error with a sentence */
export function readCommandLine(
  words: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): LoadOptions {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      url: { type: 'string', default: `http://127.0.0.1:${environment['PORT'] ?? 3000}` },
      rate: { type: 'string' },
      seconds: { type: 'string' },
      json: { type: 'string' },
      'allow-host': { type: 'string' },
    },
  });
  const [scenario, ...more] = positionals;
  if (!scenario || more.length > 0) throw new Error('Name one scenario.');
  return {
    scenario,
    origin: checkTarget(values.url, values['allow-host']).origin,
    rate: within('rate', values.rate),
    seconds: within('seconds', values.seconds),
    json: values.json,
  };
}

function within(name: 'rate' | 'seconds', text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!(value > 0 && value <= most[name]))
    throw new Error(`--${name} ${text}: it must be a number above 0 and at most ${most[name]}.`);
  return value;
}
