import type { Clocks } from './clocks';

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

/** @param url as loadConfig has checked it */
export const targetOf = (variable: string, url: string): Target => ({
  variable,
  host: new URL(url).hostname.replace(/^\[(.*)\]$/, '$1'),
});
