import { systemClock } from '@bulkhead/resilience/clock';
import { BulkheadFull } from '@bulkhead/resilience/errors';
import { hashPassword, verifyPassword } from './argon2';
import { createPasswords } from './passwords';

test('a hash is of its password only, and differs from the next of the same', async () => {
  const [one, two] = await Promise.all([hashPassword('the password'), hashPassword('the password')]);
  expect(one).not.toBe(two);
  expect(await verifyPassword('the password', one)).toBe(true);
  expect(await verifyPassword('The password', one)).toBe(false);
});

test('the reference implementation’s hashes are understood', async () => {
  // From the test suite of phc-winner-argon2 (argon2id, v=19).
  const hash = '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4';
  expect(await verifyPassword('password', hash)).toBe(true);
  expect(await verifyPassword('differentpassword', hash)).toBe(false);
});

test('a password is the same however its characters are composed', async () => {
  expect(
    await verifyPassword('passe\u0301 compose\u0301', await hashPassword('pass\u00e9 compos\u00e9')),
  ).toBe(true);
});

test('where there is no account, a hash is computed all the same, and no password is right', async () => {
  const passwords = createPasswords({ clock: systemClock, maxConcurrent: 1, maxQueued: 0, maxWaitMs: 100 });
  const checking = passwords.verify('any password', undefined);
  // It takes a place, as a real check does.
  await expect(passwords.hash('another')).rejects.toBeInstanceOf(BulkheadFull);
  expect(await checking).toBe(false);
});

test('more hashing than the machine can do is refused at once', async () => {
  const passwords = createPasswords({ clock: systemClock, maxConcurrent: 1, maxQueued: 2, maxWaitMs: 5_000 });
  const outcomes = await Promise.allSettled(Array.from({ length: 6 }, () => passwords.hash('the password')));
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
  for (const outcome of outcomes)
    if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(BulkheadFull);
});
