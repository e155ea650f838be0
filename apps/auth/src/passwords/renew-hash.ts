import type { Auth } from '../auth';

/**
 * Stores a new hash of a password that was just verified, if its old hash has another cost. A password that was changed
 * meanwhile is kept.
 */
export async function renewHash(
  { database, passwords }: Pick<Auth, 'database' | 'passwords'>,
  account: { readonly id: string; readonly passwordHash: string | null },
  password: string,
): Promise<void> {
  const { id, passwordHash } = account;
  if (passwordHash === null) return;
  const renewed = await passwords.renew(password, passwordHash);
  if (renewed === undefined) return;
  await database.prisma.account.updateMany({ where: { id, passwordHash }, data: { passwordHash: renewed } });
}
