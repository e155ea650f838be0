import { createVirtualClock } from '@bulkhead/resilience/virtual-clock';
import { ConfigError, loadConfig } from '../config';
import { createPeerPolicies } from '../http/peer-policies';
import { PeerUnavailable } from '../errors';
import { refuseInProduction } from './base-config';
import { ResilienceConfig, resilienceOf } from './resilience-config';

const resilienceFrom = (environment: Record<string, string>) =>
  resilienceOf(loadConfig(ResilienceConfig, environment));

describe('the policies around peers, as the environment wants them', () => {
  const clock = createVirtualClock();
  const failing = async (environment: Record<string, string>, calls: number) => {
    let attempts = 0;
    const policies = createPeerPolicies('payment', clock, {}, resilienceFrom(environment).peers);
    for (let call = 0; call < calls; call++) {
      const execution = policies.repeatable
        .execute(
          async () => {
            attempts += 1;
            throw new PeerUnavailable('payment', 'not-sent');
          },
          { retryable: true },
        )
        .catch(() => undefined);
      await clock.advance(5_000);
      await execution;
    }
    return { attempts, policies };
  };

  it('try three times by default, or as often as configured', async () => {
    expect((await failing({}, 1)).attempts).toBe(3);
    expect((await failing({ PEER_RETRY_ATTEMPTS: '2' }, 1)).attempts).toBe(2);
  });

  it('open the circuit at the configured failure ratio', async () => {
    const run = async (ratio: string) => {
      const { peers } = resilienceFrom({ BREAKER_FAILURE_RATIO: ratio });
      const { breaker } = createPeerPolicies('payment', clock, {}, peers);
      for (let call = 0; call < 40; call++)
        await breaker
          .execute(async () => {
            if (call % 10 === 0) throw new PeerUnavailable('payment', 'not-sent');
          })
          .catch(() => undefined);
      return breaker.state;
    };
    expect(await run('0.5')).toBe('closed');
    expect(await run('0.05')).toBe('open');
  });

  it('are not there when resilience is off: one attempt, no refusal, however many fail or wait', async () => {
    const { attempts, policies } = await failing({ RESILIENCE: 'off' }, 50);
    expect(attempts).toBe(50);
    expect(policies.breaker.state).toBe('closed');
    const waiting = Array.from({ length: 1_000 }, () => policies.once.execute(() => clock.sleep(60_000)));
    expect(policies.bulkhead.inFlight).toBe(1_000);
    await clock.advance(60_000);
    await Promise.all(waiting);
    const limit = resilienceFrom({ RESILIENCE: 'off' }).createLimit(clock);
    expect(Array.from({ length: 2_000 }, () => limit.tryAcquire('browse')).every(Boolean)).toBe(true);
  });
});

it('requests at once are limited to what the environment says', () => {
  const limit = resilienceFrom({
    CONCURRENCY_LIMIT_MIN: '10',
    CONCURRENCY_LIMIT_MAX: '10',
  }).createLimit(createVirtualClock());
  const admitted = Array.from({ length: 30 }, () => limit.tryAcquire('pay')).filter(Boolean);
  expect(admitted).toHaveLength(10);
});

it('contradicting limits, and no resilience in production, are refused with a sentence', () => {
  expect(() => resilienceFrom({ CONCURRENCY_LIMIT_MIN: '20', CONCURRENCY_LIMIT_MAX: '10' })).toThrow(
    new ConfigError('CONCURRENCY_LIMIT_MIN is over CONCURRENCY_LIMIT_MAX; swap them.'),
  );
  expect(() => refuseInProduction('production', { FAULTS: false, RESILIENCE: false })).toThrow(
    /RESILIENCE=off is refused where NODE_ENV=production/,
  );
});
