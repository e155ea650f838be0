/** Input for promtool: series with their values at every minute, as `0+1x30`. */
export type Series = Readonly<Record<string, string>>;

export interface Recording {
  readonly record: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface Alert {
  /** Also the name of its runbook. */
  readonly alert: string;
  readonly expr: string;
  /** The service that it is about, where that is one. */
  readonly of?: 'order' | 'payment' | 'notification';
  /** How long it must hold, as `5m`. */
  readonly for: string;
  /** `page` wakes somebody; `ticket` is for working hours. */
  readonly severity: 'page' | 'ticket';
  /** One sentence with Prometheus’s templates. */
  readonly summary: string;
  readonly description: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Dashboard to look at first. */
  readonly dashboard: string;
  /** Of which it must fire at 30 minutes (or `at`), and of which it must stay silent. */
  readonly fires: Series;
  readonly silent: Series;
  readonly at?: string;
}

export interface Group {
  readonly name: string;
  readonly rules: readonly (Recording | Alert)[];
}

export const isAlert = (rule: Recording | Alert): rule is Alert => 'alert' in rule;
