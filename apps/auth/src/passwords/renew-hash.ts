import type { Auth } from '../auth';

/**
 * Stores a password that has just been checked at today's cost of hashing, where its hash was made at another. A password
 * that was changed meanwhile stays.
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
