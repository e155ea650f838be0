/**
 * The waits that decide how soon a shop is itself again after a fault, in ms. `usual` spares a peer that is in trouble;
 * `fast` is for experiments and tests, which must not wait: the same mechanisms, only sooner. Chosen by TIMERS.
 */
export interface Timers {
  /** An outbox row is one relay's for so long; what a killed relay had claimed is sent after it. */
  readonly relayLeaseMs: number;
  /** Between a relay's attempts while the broker is away. */
  readonly relayBackoffMs: Range;
  /** Between two attempts to reach the broker. */
  readonly reconnectMs: Range;
  /** Between the attempts to handle a message. Each delay has its own queue. */
  readonly retryDelaysMs: readonly number[];
  /** Between two probes of a dependency that is away. */
  readonly probeMs: Range;
  /** How much a lease outlasts the call that is made under it. */
  readonly leaseMarginMs: number;
  /** A mail is one sender's for so long; one whose sender was killed is taken up after it. */
  readonly mailLeaseMs: number;
  /** Between two looks at whether the sessions of open streams have ended. */
  readonly sessionLookMs: number;
  /** Longest pause between two looks at a payment whose provider does not answer. */
  readonly paymentPauseMs: number;
}

export interface Range {
  readonly min: number;
  readonly max: number;
}

export const timerProfiles = {
  usual: {
    relayLeaseMs: 30_000,
    relayBackoffMs: { min: 100, max: 5_000 },
    reconnectMs: { min: 100, max: 5_000 },
    retryDelaysMs: [1_000, 10_000, 60_000, 600_000],
    probeMs: { min: 500, max: 30_000 },
    leaseMarginMs: 5_000,
    mailLeaseMs: 120_000,
    sessionLookMs: 8_000,
    paymentPauseMs: 300_000,
  },
  fast: {
    relayLeaseMs: 3_000,
    relayBackoffMs: { min: 50, max: 500 },
    reconnectMs: { min: 50, max: 500 },
    retryDelaysMs: [200, 1_000, 2_000, 10_000],
    probeMs: { min: 100, max: 1_000 },
    leaseMarginMs: 500,
    mailLeaseMs: 4_000,
    sessionLookMs: 500,
    paymentPauseMs: 1_000,
  },
} as const satisfies Record<string, Timers>;

export type TimerProfile = keyof typeof timerProfiles;
