import type { Account } from '@bulkhead/contracts/auth/schemas';
import type { Role } from '@bulkhead/contracts/endpoint';
import type { z } from 'zod';

/** The columns of an account in responses. */
export interface AccountRow {
  readonly id: string;
  readonly email: string;
  readonly email_verified_at: Date | null;
  readonly roles: Role[];
}

export const accountColumns = 'id, email, email_verified_at, roles';

export const toAccount = (row: AccountRow): z.input<typeof Account> => ({
  id: row.id,
  email: row.email,
  emailVerified: row.email_verified_at !== null,
  roles: row.roles,
});
