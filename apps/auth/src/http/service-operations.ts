import { authApi, authInternal } from '@bulkhead/contracts/auth/api';
import { implement, type Operation } from '@bulkhead/service/http/operation';
import { getContact } from '../accounts/contact';
import { exportAccount } from '../accounts/export-account';
import { resign } from '../accounts/resign';
import type { Auth } from '../auth';
import { mintMailToken } from '../mail-tokens/mail-tokens';
import { liveSessions } from '../sessions/live-sessions';

/** Keys as JSON, without the types of absent JWK members. */
type PublishedKeys = { kty: string; kid: string; alg: string; use: 'sig' }[];

/** The operations of other services. */
export const serviceOperations = (auth: Auth): Operation[] => [
  implement(authApi.jwks, async () => {
    const { keys } = await auth.accessTokens.published();
    return {
      status: 200,
      headers: { 'cache-control': 'public, max-age=300' },
      body: { keys: keys as PublishedKeys },
    };
  }),
  implement(authInternal.contact, async ({ params }) => ({
    status: 200,
    body: await getContact(auth, params.userId),
  })),
  implement(authInternal.liveSessions, async ({ body }) => ({
    status: 200,
    body: { items: await liveSessions(auth, body.sessionIds) },
  })),
  implement(authInternal.resign, async ({ params }) => {
    await resign(auth, params.userId);
    return { status: 204 };
  }),
  implement(authInternal.mintToken, async ({ params, body }) => ({
    status: 200,
    body: await mintMailToken(auth, params.userId, body.purpose),
  })),
  implement(authInternal.exportUser, async ({ params }) => ({
    status: 200,
    body: { items: await exportAccount(auth, params.userId) },
  })),
];
