import { emailVerificationRequested, userRegistered } from '@bulkhead/contracts/auth/events';
import { isUniqueViolation } from '@bulkhead/database/errors';
import { databaseNow } from '@bulkhead/database/prisma';
import { problem } from '@bulkhead/service/errors';
import { recordSecurityEvent } from '../audit/record';
import type { Auth } from '../auth';
import { refuseCommonPassword } from '../passwords/common-passwords';
import { openSession } from '../sessions/open-session';
import { type Client, toTokens } from '../sessions/tokens';
import { toAccount } from './account';
import { normaliseEmail } from './email';

export interface Registration {
  readonly email: string;
  readonly password: string;
  /** Kept until profile fetches it; registration must not depend on profile. */
  readonly name: string;
}

/**
 * Creates an account and signs in.
 * @throws ProblemError already-exists, invalid-request; BulkheadFull
 */
export async function register(auth: Auth, registration: Registration, client: Client) {
  const { database, outbox, ids, passwords } = auth;
  const email = normaliseEmail(registration.email);
  refuseCommonPassword(registration.password, 'password');
  // Hashing is expensive; most duplicates can be rejected without it. The unique index decides.
  const taken = await database.prisma.account.findUnique({ where: { email }, select: { id: true } });
  if (taken) throw alreadyRegistered();
  const passwordHash = await passwords.hash(registration.password);

  const account = { id: ids.next(), email, email_verified_at: null, roles: ['customer' as const] };
  const session = await database
    .transaction(async (tx) => {
      await tx.prisma.account.create({
        data: {
          id: account.id,
          email,
          name: registration.name.trim(),
          passwordHash,
          roles: account.roles,
          verificationMailAt: databaseNow,
        },
      });
      const sessionId = ids.next();
      const opened = await openSession(tx, {
        sessionId,
        accountId: account.id,
        userAgent: client.userAgent,
      });
      await recordSecurityEvent(tx, ids, { kind: 'registered', accountId: account.id, sessionId });
      const told = { subject: account.id, aggregateVersion: 1, data: { userId: account.id } };
      await outbox.append(tx, [
        { definition: userRegistered, ...told },
        { definition: emailVerificationRequested, ...told },
      ]);
      return opened;
    })
    .catch((error: unknown) => {
      throw isUniqueViolation(error, 'accounts_email') ? alreadyRegistered() : error;
    });
  return { user: toAccount(account), tokens: await toTokens(auth, { account, ...session }) };
}

const alreadyRegistered = () =>
  problem('already-exists', 'An account with this email address already exists.');
