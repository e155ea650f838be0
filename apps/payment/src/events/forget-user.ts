import type { Transaction } from '@bulkhead/database/database';
import { eraseUser } from './erasure.sql';

/** Forgets a person: payments and ledger keep the amounts, and nothing says any more whose they were. May be repeated. */
export async function forgetUser(tx: Transaction, userId: string): Promise<void> {
  for (const statement of [eraseUser.rememberWhom, eraseUser.forgetBuyer, eraseUser.forgetAdmin])
    await tx.query({ ...statement, values: [userId] });
}
