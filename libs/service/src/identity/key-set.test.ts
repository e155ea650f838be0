import { createVirtualClock } from '@bulkhead/resilience/virtual-clock';
import { exportJWK, generateKeyPair, type JSONWebKeySet } from 'jose';
import { createKeySet } from './key-set';

const unavailable = 'The keys of the issuer cannot be had';

/** An issuer whose keys and availability a test controls. */
const startIssuer = async () => {
  const clock = createVirtualClock();
  const makeKey = async (kid: string) => ({
    ...(await exportJWK((await generateKeyPair('EdDSA')).publicKey)),
    kid,
    alg: 'EdDSA',
  });
  const issuer = { keys: [await makeKey('old')], isUnavailable: false, asked: 0, delay: Promise.resolve() };
  const set = createKeySet(async (): Promise<JSONWebKeySet> => {
    issuer.asked += 1;
    if (issuer.isUnavailable) throw new Error('the issuer is away');
    const keys = [...issuer.keys];
    await issuer.delay;
    return { keys };
  }, clock);
  const find = async (kid: string) => {
    try {
      await set.keyFor({ alg: 'EdDSA', kid }, { payload: '', signature: '' });
      return 'found';
    } catch (error) {
      return (error as Error).message;
    }
  };
  return {
    clock,
    issuer,
    find,
    refresh: () => set.refresh(),
    rotateTo: async (kid: string) => void issuer.keys.push(await makeKey(kid)),
  };
};

test('keys are fetched once for all who ask, and again after five minutes, while nobody waits', async () => {
  const { clock, issuer, find } = await startIssuer();
  expect(await Promise.all([find('old'), find('old'), find('old')])).toEqual(['found', 'found', 'found']);
  await clock.advance(4 * 60_000);
  await find('old');
  expect(issuer.asked).toBe(1);
  await clock.advance(2 * 60_000);
  await find('old');
  expect(issuer.asked).toBe(2);
});

test('a key that is not known yet is fetched, so that rotation signs nobody out', async () => {
  const { clock, issuer, find, rotateTo } = await startIssuer();
  await find('old');
  await rotateTo('new');
  await clock.advance(6_000);
  expect(await find('new')).toBe('found');
  expect(await find('old')).toBe('found');
  expect(issuer.asked).toBe(2);
});

test('a key that came after a fetch began is found all the same', async () => {
  const { issuer, find, refresh, rotateTo } = await startIssuer();
  await find('old');
  let release: () => void = () => undefined;
  issuer.delay = new Promise((resolve) => (release = resolve));
  const underWay = refresh();
  await rotateTo('new');
  const found = find('new');
  release();
  await underWay;
  expect(await found).toBe('found');
});

test('made-up keys ask the issuer at most every five seconds', async () => {
  const { clock, issuer, find } = await startIssuer();
  await find('old');
  for (let times = 0; times < 10; times += 1) {
    expect(await find('made up')).toContain('no applicable key');
    await clock.advance(1_000);
  }
  // For the first of them, and once after more than five seconds; the fetch before was for a key that is there.
  expect(issuer.asked).toBe(3);
});

test('a key that has just been made is found, however lately the keys were fetched', async () => {
  const { issuer, find, rotateTo } = await startIssuer();
  await find('old');
  await rotateTo('new');
  expect(await find('new')).toBe('found');
  expect(issuer.asked).toBe(2);
});

test('while the issuer is away the keys that are there go on to count, and it is not asked all the time', async () => {
  const { clock, issuer, find } = await startIssuer();
  await find('old');
  issuer.isUnavailable = true;
  await clock.advance(60 * 60_000);
  for (let times = 0; times < 10; times += 1) {
    expect(await find('old')).toBe('found');
    await clock.advance(0);
  }
  expect(issuer.asked).toBe(2);
  await clock.advance(6_000);
  expect(await find('old')).toBe('found');
  expect(issuer.asked).toBe(3);
});

test('a key that is not known yet may be new, so that nothing is said of it while the issuer is away', async () => {
  const { clock, issuer, find, rotateTo } = await startIssuer();
  await find('old');
  await rotateTo('new');
  issuer.isUnavailable = true;
  await clock.advance(6_000);
  expect(await find('new')).toBe(unavailable);
  await clock.advance(1_000);
  expect(await find('new')).toBe(unavailable);
  expect(issuer.asked).toBe(2);
  issuer.isUnavailable = false;
  await clock.advance(6_000);
  expect(await find('new')).toBe('found');
  expect(await find('made up')).toContain('no applicable key');
});

test('an issuer that was never available is retried by the next request', async () => {
  const { issuer, find } = await startIssuer();
  issuer.isUnavailable = true;
  expect(await find('old')).toBe(unavailable);
  issuer.isUnavailable = false;
  expect(await find('old')).toBe('found');
});
