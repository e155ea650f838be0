import type { Tokens } from '@bulkhead/contracts/auth/schemas';
import type { Role } from '@bulkhead/contracts/endpoint';
import type { z } from 'zod';
import type { Auth } from '../auth';
import { accessTokenSeconds } from '../keys/access-tokens';

/** What is known about the client. */
export interface Client {
  /** For throttling only. */
  readonly address: string | undefined;
  readonly userAgent: string | undefined;
}

/** The response to an authenticated user. */
export async function toTokens(
  { accessTokens }: Auth,
  session: {
    readonly account: { readonly id: string; readonly roles: readonly Role[] };
    readonly sessionId: string;
    readonly refreshToken: string;
  },
): Promise<z.input<typeof Tokens>> {
  const { account, sessionId, refreshToken } = session;
  const accessToken = await accessTokens.issue({ accountId: account.id, sessionId, roles: account.roles });
  return { tokenType: 'Bearer', accessToken, expiresIn: accessTokenSeconds, refreshToken };
}
