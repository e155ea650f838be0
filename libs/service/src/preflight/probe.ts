/** The result of one check. */
export interface Finding {
  /** What was checked, as a row of the table: `database grants`. */
  readonly name: string;
  /** 'skipped': it could not be checked because of a failure that another finding names. */
  readonly outcome: 'ok' | 'warning' | 'failed' | 'skipped';
  /** The result. For a failure: one sentence, with the variable or value to set. Contains no secrets. */
  readonly detail: string;
}

/** A server with a host name. */
export interface Target {
  /** The variable that contains its address. */
  readonly variable: string;
  readonly host: string;
  /** Undefined if the address contains no port. */
  readonly port?: number;
}

/** Compares the clock of this machine with the servers'. */
export interface Clocks {
  /**
   * @param source the clock's owner, such as 'the database'
   * @param time its time, ms since the epoch
   * @param sentAt when it was asked, by this machine's clock
   * @param precisionMs resolution to which `time` is rounded down; 1,000 for a Date header (RFC 9110 §5.6.7). Default 0
   */
  note(source: string, time: number, sentAt: number, precisionMs?: number): void;
  /** Uses the Date header of a response, if present. */
  noteDate(source: string, date: string | null | undefined, sentAt: number): void;
  /** Empty if no server reported its time. */
  finding(): readonly Finding[];
}

export interface Look {
  /** Aborts after the time limit. */
  readonly signal: AbortSignal;
  /** Collects the time of every server that reports it. */
  readonly clocks: Clocks;
}

/**
 * Checks one thing that a service needs, with the configuration that the service would start with. Has no side effects.
 * A probe may have several findings; one that depends on a failed one is 'skipped'.
 */
export interface Probe {
  readonly name: string;
  /** Hosts whose names must be resolved first. */
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
 * Runs a probe with each value of a secret, which has several during a rotation: one has to work, as for the service
 * itself.
 * @returns the findings with the first accepted value, otherwise with the first of all
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

/** The login is a probe's first finding. */
const getsIn = ([login]: readonly Finding[]) => login?.outcome !== 'failed';

/** @param url as validated by loadConfig */
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
