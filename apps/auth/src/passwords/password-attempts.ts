import { isIPv6 } from 'node:net';
import { problem } from '@bulkhead/service/errors';
import type { AuthDatabase } from '../database';
import type { Secrets } from '../secrets';

/**
 * Slows down password guessing, exactly, with any number of replicas. An attempt is counted before the password is
 * verified, so that concurrent attempts cannot bypass the limit; a successful one is subtracted again.
 */
export interface PasswordAttempts {
  /** @param email normalised @throws ProblemError rate-limited, with Retry-After */
  begin(email: string, clientAddress: string | undefined): Promise<void>;
  succeeded(email: string, clientAddress: string | undefined): Promise<void>;
}

/** Attempts without a delay: people mistype, and offices share an address. */
export interface FreeAttempts {
  readonly account: number;
  readonly address: number;
}

/** The first delay, in seconds; it doubles with each further attempt. */
const firstWaitSeconds = 1;
const longestWaitSeconds = 15 * 60;
/**
 * Attempts on an account expire this long after the last one. Those of an address, which many people may share, expire
 * this long after the first one: with regular sign-ins the last one is always recent, and mistakes would add up
 * forever. Longer than the maximum delay.
 */
const forgetAfterSeconds = 60 * 60;

const attemptsNow = '(case when known.expires_at <= clock_timestamp() then 0 else known.attempts end + 1)';

/**
 * No delay is due. A constant and not the current time: an attempt that waited for the row started before that time.
 */
const noWait = `timestamptz 'epoch'`;

/** When the next attempt is allowed. */
const nextBlock = `(case when ${attemptsNow} < $2::int then ${noWait}
  else clock_timestamp() + make_interval(secs =>
    least($4::float8, $3::float8 * power(2, least(${attemptsNow} - $2::int, 30)))) end)`;

/*
 * The client cannot calculate with a row that is there already, nor with times.
 *
 * Invariant: of all unexpired attempts on a key, on any replica, at most `free` start without a delay, and then one per
 * window, whose length doubles. The row's lock serialises concurrent attempts; a blocked key changes nothing. Time is
 * read once the row is locked. $1 key, $2 free, $3 first wait, $4 longest wait, $5 forget after (seconds), $6 whether
 * that is after the first attempt
 */
const beginAttempt = {
  name: 'password-attempt-begin',
  text: `insert into password_attempts as known (key, attempts, blocked_until, expires_at)
    values ($1, 1,
      case when $2::int > 1 then ${noWait} else clock_timestamp() + make_interval(secs => $3::float8) end,
      clock_timestamp() + make_interval(secs => $5::float8))
    on conflict (key) do update set
      attempts = ${attemptsNow},
      blocked_until = ${nextBlock},
      expires_at = case when $6::boolean and known.expires_at > clock_timestamp()
        then greatest(known.expires_at, ${nextBlock})
        else clock_timestamp() + make_interval(secs => $5::float8) end
    where known.blocked_until <= clock_timestamp()
    returning attempts`,
};

/** The client cannot calculate with times. */
const secondsToWait = {
  name: 'password-attempt-wait',
  text: `select ceil(extract(epoch from blocked_until - clock_timestamp()))::int as seconds
    from password_attempts where key = $1`,
};

/**
 * The client cannot keep a number from falling below another. One success subtracts one attempt: knowing one password
 * must not allow more guesses of others from the same address.
 */
const takeBackAttempt = {
  name: 'password-attempt-take-back',
  text: `update password_attempts set attempts = greatest(attempts - 1, 0), blocked_until = ${noWait} where key = $1`,
};

export function createPasswordAttempts(
  database: AuthDatabase,
  secrets: Secrets,
  free: FreeAttempts,
): PasswordAttempts {
  const accountKey = (email: string) => secrets.blindKey('account', email);
  const addressKey = (address: string) => secrets.blindKey('address', network(address));

  const beginFor = async (key: Buffer, freeAttempts: number, isShared: boolean) => {
    const limits = [firstWaitSeconds, longestWaitSeconds, forgetAfterSeconds];
    const begun = await database.query({ ...beginAttempt, values: [key, freeAttempts, ...limits, isShared] });
    if (begun.rows.length > 0) return;
    const { rows } = await database.query<{ seconds: number }>({ ...secondsToWait, values: [key] });
    const seconds = Math.max(1, rows[0]?.seconds ?? 1);
    throw problem('rate-limited', {
      detail: `Too many sign-in attempts. Try again in ${seconds === 1 ? '1 second' : `${seconds} seconds`}.`,
      headers: { 'retry-after': String(seconds) },
    });
  };

  return {
    async begin(email, clientAddress) {
      // The address first: a client that is blocked there must not be able to lock other people's accounts.
      if (clientAddress !== undefined) await beginFor(addressKey(clientAddress), free.address, true);
      await beginFor(accountKey(email), free.account, false);
    },
    async succeeded(email, clientAddress) {
      const key = new Uint8Array(accountKey(email));
      await database.prisma.passwordAttempts.deleteMany({ where: { key } });
      if (clientAddress !== undefined)
        await database.query({ ...takeBackAttempt, values: [addressKey(clientAddress)] });
    },
  };
}

/** A range that one client controls counts as one: the last 64 bits of an IPv6 address (RFC 4291 §2.5.1). */
export function network(address: string): string {
  const [plain = ''] = address.split('%');
  if (!isIPv6(plain)) return plain;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain)?.[1];
  if (mapped) return mapped;
  const [head = '', tail] = plain.toLowerCase().split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail ? tail.split(':') : [];
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const groups = [...before, ...Array<string>(zeros).fill('0'), ...after];
  return groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':');
}
