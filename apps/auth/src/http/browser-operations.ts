import { authApi } from '@bulkhead/contracts/auth/api';
import { problem } from '@bulkhead/service/errors';
import { implement, type Operation, type RequestContext } from '@bulkhead/service/http/operation';
import type { Mode } from '@bulkhead/service/service';
import { register } from '../accounts/register';
import type { Auth } from '../auth';
import { logout } from '../sessions/end-sessions';
import { login } from '../sessions/login';
import { refresh } from '../sessions/refresh';
import { clientOf } from './client-of';
import { createRefreshCookie } from './refresh-cookie';

/** Sessions of pages in a browser: like other clients' sessions, but with the refresh token in a cookie. */
export const browserOperations = (auth: Auth, mode: Mode): Operation[] => {
  const cookie = createRefreshCookie(mode);
  /** The refresh token goes into the cookie, and the rest into the body. */
  const split = <T extends { readonly refreshToken: string }>({ refreshToken, ...tokens }: T) => ({
    headers: { 'set-cookie': cookie.set(refreshToken) },
    tokens,
  });
  return [
    implement(authApi.registerInBrowser, async ({ body }, context) => {
      refuseOtherSites(context);
      const { user, tokens } = await register(auth, body, clientOf(context));
      const { headers, tokens: visible } = split(tokens);
      return { status: 201, headers, body: { user, tokens: visible } };
    }),
    implement(authApi.loginInBrowser, async ({ body }, context) => {
      refuseOtherSites(context);
      const { user, tokens } = await login(auth, body, clientOf(context));
      const { headers, tokens: visible } = split(tokens);
      return { status: 200, headers, body: { user, tokens: visible } };
    }),
    implement(authApi.refreshInBrowser, async (_request, context) => {
      refuseOtherSites(context);
      const token = cookie.read(context.header('cookie'));
      if (token === undefined) throw problem('invalid-token', 'This browser has no session. Sign in.');
      const { headers, tokens } = split(await refresh(auth, token));
      return { status: 200, headers, body: tokens };
    }),
    implement(authApi.logoutInBrowser, async (_request, context) => {
      refuseOtherSites(context);
      const token = cookie.read(context.header('cookie'));
      if (token !== undefined) await logout(auth, token);
      return { status: 204, headers: { 'set-cookie': cookie.cleared } };
    }),
  ];
};

/**
 * Fetch Metadata (W3C): SameSite=Strict alone would let a page of a sibling domain use the cookie. A client without
 * these headers is not a current browser, or a browser on plain HTTP; only the cookie's attributes protect it.
 * @throws ProblemError forbidden
 */
function refuseOtherSites(context: RequestContext): void {
  const site = context.header('sec-fetch-site');
  if (site !== undefined && site !== 'same-origin')
    throw problem('forbidden', 'Browser sessions can be used only by the shop’s own pages.');
}
