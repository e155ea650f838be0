/**
 * The delays that decide how fast a shop recovers from a fault, in ms. `usual` spares a failing peer; `fast` is for
 * experiments and tests, which should not wait: the same mechanisms with shorter delays. Chosen by TIMERS.
 */
export interface Timers {
  /** Lease of an outbox row; after it, rows claimed by a killed relay are sent. */
  readonly relayLeaseMs: number;
  /** Between a relay's attempts while the broker is unavailable. */
  readonly relayBackoffMs: Range;
  /** Between two attempts to connect to the broker. */
  readonly reconnectMs: Range;
  /** Between the attempts to handle a message. Each delay has its own queue. */
  readonly retryDelaysMs: readonly number[];
  /** Between two probes of an unavailable dependency. */
  readonly probeMs: Range;
  /** How much longer a lease lasts than the call made under it. */
  readonly leaseMarginMs: number;
  /** Lease of a mail; after it, a mail of a killed sender is taken over. */
  readonly mailLeaseMs: number;
  /** Between two checks whether the sessions of open streams have ended. */
  readonly sessionLookMs: number;
  /** Maximum interval between two checks of a payment whose provider does not respond. */
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
