/** What came of one look. */
export interface Finding {
  /** Of what was looked at, as a row of the table: `database grants`. */
  readonly name: string;
  /** 'skipped': it could not be looked at, since something that another finding names is in the way. */
  readonly outcome: 'ok' | 'warning' | 'failed' | 'skipped';
  /** What was found. Where it failed: one sentence, with the variable or value to set. Holds no secret. */
  readonly detail: string;
}

/** A server that is reached by name. */
export interface Target {
  /** The variable that holds its address. */
  readonly variable: string;
  readonly host: string;
  /** Undefined where the address does not say it. */
  readonly port?: number;
}

/** Compares the clock of this machine with those of the servers that it talks to. */
export interface Clocks {
  /**
   * @param source whose time it is, as in 'the database'
   * @param time what it said, ms since the epoch
   * @param sentAt when it was asked, by this machine's clock
   * @param precisionMs to which `time` is rounded down; 1,000 for a Date header (RFC 9110 §5.6.7). Default 0
   */
  note(source: string, time: number, sentAt: number, precisionMs?: number): void;
  /** By the Date header of a response, if it has one. */
  noteDate(source: string, date: string | null | undefined, sentAt: number): void;
  /** Nothing, where nobody has said the time. */
  finding(): readonly Finding[];
}

export interface Look {
  /** Aborts when the time for it is over. */
  readonly signal: AbortSignal;
  /** Is told the time of every server that says it. */
  readonly clocks: Clocks;
}

/**
 * Looks at one thing that a service needs, with the configuration that the service would start with. Changes nothing
 * anywhere. A probe may find several things; one that depends on another is 'skipped' where that failed.
 */
export interface Probe {
  readonly name: string;
  /** Whose names must be resolved first. */
  readonly targets?: readonly Target[];
  run(look: Look): Promise<readonly Finding[]>;
}

export const ok = (name: string, detail: string): Finding => ({ name, outcome: 'ok', detail });
export const warning = (name: string, detail: string): Finding => ({ name, outcome: 'warning', detail });
export const failed = (name: string, detail: string): Finding => ({ name, outcome: 'failed', detail });
export const skipped = (name: string, because: string): Finding => ({
  name,
  outcome: 'skipped',
  detail: `not looked at, because of ${because}`,
});

/**
 * A probe with each value of a secret, which has several while it is rotated: one need fit, as for the service itself.
 * @returns what is found with the first value that gets in, or else with the first of all
 */
export function withAnyOf<T>(values: readonly T[], probeOf: (value: T) => Probe): Probe {
  const [first, ...others] = values.map(probeOf);
  if (!first) throw new Error('a secret without a value');
  return {
    name: first.name,
    targets: [first, ...others].flatMap(({ targets = [] }) => targets),
    async run(look) {
      const found = await first.run(look);
      if (getsIn(found)) return found;
      for (const other of others) {
        const instead = await other.run(look);
        if (getsIn(instead)) return instead;
      }
      return found;
    },
  };
}

/** The login is what a probe finds first. */
const getsIn = ([login]: readonly Finding[]) => login?.outcome !== 'failed';

/** @param url as loadConfig has checked it */
export function targetOf(variable: string, url: string): Target {
  const { hostname, port, protocol } = new URL(url);
  const said = Number(port) || usualPorts[protocol];
  return {
    variable,
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    ...(said !== undefined && { port: said }),
  };
}

const usualPorts: Readonly<Record<string, number>> = {
  'http:': 80,
  'https:': 443,
  'postgres:': 5432,
  'postgresql:': 5432,
  'amqp:': 5672,
  'amqps:': 5671,
};
