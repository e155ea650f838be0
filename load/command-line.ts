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
