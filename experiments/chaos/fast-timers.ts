import { timerProfiles } from '@bulkhead/service/runtime/timers';

/**
 * The `timers: fast` profile: a chaos run waits for the same mechanisms as a real shop does, only less long. It is used
 * in the run without faults as well, so that the two compare. What TIMERS=fast stands for is in timerProfiles.
 */
export const fastTimers: Readonly<Record<string, string>> = {
  TIMERS: 'fast',
  // Longest authorisation: 30 s. Its lease, and so the wait for a saga whose runner was killed, is this and the margin.
  ORDER_AUTHORISE_TIMEOUT_MS: '2000',
  // Any other step: 5 s.
  ORDER_STEP_TIMEOUT_MS: '1000',
  // Pauses between the attempts of a step: 1 s to 5 min.
  ORDER_RETRY_MIN_MS: '100',
  ORDER_RETRY_MAX_MS: '1000',
  // Two looks for overdue sagas: 500 ms.
  ORDER_RECOVERY_EVERY_MS: '200',
  // Longest call to the provider: 20 s.
  PAYMENT_PROVIDER_TIMEOUT_MS: '1000',
  // Longest wait for the broker’s confirm: 10 s.
  BROKER_CONFIRM_TIMEOUT_MS: '2000',
  // An open circuit breaker: 5 s.
  BREAKER_OPEN_MS: '1000',
};

export const fastRetryDelaysMs = timerProfiles.fast.retryDelaysMs;
