import { createVirtualClock } from '@bulkhead/resilience/virtual-clock';
import { createTokenCache } from './token-cache';

it('remembers a token until it expires, and no longer than a minute', async () => {
  const clock = createVirtualClock();
  const cache = createTokenCache<string>(clock);
  cache.set('short', 'one', clock.now() + 10_000);
  cache.set('long', 'two', clock.now() + 600_000);
  cache.set('expired', 'three', clock.now());
  expect(['short', 'long', 'expired'].map(cache.get)).toEqual(['one', 'two', undefined]);
  await clock.advance(10_001);
  expect(['short', 'long'].map(cache.get)).toEqual([undefined, 'two']);
  await clock.advance(50_000);
  expect(cache.get('long')).toBeUndefined();
});

it('forgets the token first that was not seen for longest, and all of them when a key is withdrawn', () => {
  const clock = createVirtualClock();
  const cache = createTokenCache<string>(clock, 2);
  const expiresAt = clock.now() + 10_000;
  cache.set('a', 'one', expiresAt);
  cache.set('b', 'two', expiresAt);
  cache.get('a');
  cache.set('c', 'three', expiresAt);
  expect(['a', 'b', 'c'].map(cache.get)).toEqual(['one', undefined, 'three']);
  cache.clear();
  expect(['a', 'c'].map(cache.get)).toEqual([undefined, undefined]);
});
