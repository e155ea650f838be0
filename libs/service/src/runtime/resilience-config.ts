import {
  type AdmissionObserver,
  type AdmissionQueue,
  createAdmissionQueue,
} from '@bulkhead/resilience/admission-queue';
import type { Clock } from '@bulkhead/resilience/clock';
import { createLoopLateness } from '@bulkhead/resilience/loop-lateness';
import { z } from 'zod';
import { ConfigError, decimal, integer, toggle } from '../config';
import type { PeerPolicySettings } from '../http/peer-policies';

/** How a process protects itself and its peers; the defaults suit a service with a few hundred requests per second. */
export const ResilienceConfig = z.object({
  RESILIENCE: toggle('on').describe(
    'off leaves breakers, bulkheads, retries and limits out, to see what they are for',
  ),
  CONCURRENCY_LIMIT_MIN: integer(1, 100_000).prefault('20').describe('minimum of the concurrency limit'),
  CONCURRENCY_LIMIT_MAX: integer(1, 100_000).prefault('512').describe('maximum of the concurrency limit'),
  CONCURRENCY_QUEUE: integer(0, 100_000)
    .prefault('512')
    .describe('maximum number of queued requests; a request that would wait too long is rejected at once'),
  CONCURRENCY_QUEUE_BROWSE_MS: integer(1, 60_000)
    .prefault('250')
    .describe('maximum time in the queue in ms, for reads'),
  CONCURRENCY_QUEUE_BUY_MS: integer(1, 60_000)
    .prefault('1000')
    .describe('the same for placing and paying orders'),
  PEER_CONCURRENCY: integer(1, 10_000)
    .prefault('64')
    .describe('maximum number of concurrent calls to one peer'),
  PEER_QUEUE: integer(0, 10_000).prefault('64').describe('maximum number of queued calls'),
  PEER_TIMEOUT_MS: integer(10, 60_000)
    .optional()
    .describe('timeout of one attempt in ms; default: the deadline of the request'),
  PEER_RETRY_ATTEMPTS: integer(1, 10).prefault('3').describe('maximum number of attempts'),
  PEER_RETRY_BUDGET: decimal(0, 1).prefault('0.1').describe('ratio of retries to first calls'),
  BREAKER_FAILURE_RATIO: decimal(0.01, 1)
    .prefault('0.5')
    .describe('ratio of failed calls within 10 s that opens a circuit breaker'),
  BREAKER_OPEN_MS: integer(100, 600_000)
    .prefault('5000')
    .describe('time in ms that a circuit breaker stays open'),
});
export type ResilienceConfig = z.output<typeof ResilienceConfig>;

/** Protection in front of and behind every service of a process. */
export interface Resilience {
  readonly peers: PeerPolicySettings;
  /** Breakers for dependencies that are not services: a payment provider, a mail server. */
  readonly breakers: BreakerSettings;
  /**
   * The concurrency limit of requests, and the queue in front of it.
   * @param atMost upper bound if the dependency behind it allows no more
   */
  createLimit(clock: Clock, observer?: AdmissionObserver, atMost?: number): AdmissionQueue;
}

export interface BreakerSettings {
  /** Share of failed calls that opens it. */
  readonly failureRatio: number;
  /** How long it stays open, in ms. */
  readonly openMs: number;
}

const unlimited = 1_000_000;

/** @throws ConfigError if the limits contradict each other */
export function resilienceOf(config: ResilienceConfig): Resilience {
  const {
    CONCURRENCY_LIMIT_MIN: minLimit,
    CONCURRENCY_LIMIT_MAX: maxLimit,
    CONCURRENCY_QUEUE_BUY_MS: buyMs,
  } = config;
  if (minLimit > maxLimit)
    throw new ConfigError('CONCURRENCY_LIMIT_MIN is over CONCURRENCY_LIMIT_MAX; swap them.');
  const breakers = { failureRatio: config.BREAKER_FAILURE_RATIO, openMs: config.BREAKER_OPEN_MS };
  if (!config.RESILIENCE)
    return {
      peers: { off: true },
      breakers,
      createLimit: (clock) => createAdmissionQueue({ clock, minLimit: unlimited, maxLimit: unlimited }),
    };
  return {
    peers: {
      maxConcurrent: config.PEER_CONCURRENCY,
      maxQueued: config.PEER_QUEUE,
      attempts: config.PEER_RETRY_ATTEMPTS,
      retryRatio: config.PEER_RETRY_BUDGET,
      ...breakers,
      ...(config.PEER_TIMEOUT_MS === undefined ? {} : { attemptTimeoutMs: config.PEER_TIMEOUT_MS }),
    },
    breakers,
    createLimit: (clock, observer = {}, atMost = maxLimit) =>
      createAdmissionQueue({
        clock,
        minLimit: Math.min(minLimit, atMost),
        maxLimit: Math.min(maxLimit, atMost),
        maxQueued: config.CONCURRENCY_QUEUE,
        delayMs: { browse: config.CONCURRENCY_QUEUE_BROWSE_MS, buy: buyMs, pay: buyMs },
        observer,
        lateMs: loopLateness(clock),
      }),
  };
}

const latenesses = new WeakMap<Clock, () => number>();

/**
 * Shared by all limits of a process: it notices iterations of the event loop when it is called, and one of its own for
 * an idle limit would count all iterations since its last call.
 */
function loopLateness(clock: Clock): () => number {
  let lateMs = latenesses.get(clock);
  if (!lateMs) latenesses.set(clock, (lateMs = createLoopLateness({ clock })));
  return lateMs;
}

export const defaultResilience: Resilience = resilienceOf(ResilienceConfig.parse({}));
