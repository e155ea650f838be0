import { browserSessionPath } from '@bulkhead/contracts/auth/api';
import type { Mode } from '@bulkhead/service/service';
import { refreshTokenSeconds } from '../sessions/lifetimes';

/** The cookie that holds a browser's refresh token (RFC 6265bis). */
export interface RefreshCookie {
  /** Set-Cookie that keeps the token for its lifetime. */
  set(token: string): string;
  /** Set-Cookie that removes it. */
  readonly cleared: string;
  /** The token in a Cookie header; undefined if there is none with a valid format. */
  read(header: string | undefined): string | undefined;
}

/**
 * Scripts cannot read it (HttpOnly), other sites cannot make a browser send it (SameSite=Strict), and only the
 * endpoints of the browser's session get it (Path). In production it is Secure, as its name prefix requires: nobody can
 * set another cookie of that name over plain HTTP. Development uses plain HTTP.
 */
export function createRefreshCookie(mode: Mode): RefreshCookie {
  const isSecure = mode === 'production';
  const name = isSecure ? '__Secure-refresh' : 'refresh';
  const attributes = `Path=${browserSessionPath}; HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}`;
  const pair = new RegExp(`(?:^|;) *${name}=([A-Za-z0-9_-]{43}) *(?:;|$)`);
  return {
    set: (token) => `${name}=${token}; Max-Age=${refreshTokenSeconds}; ${attributes}`,
    cleared: `${name}=; Max-Age=0; ${attributes}`,
    read: (header) => header?.match(pair)?.[1],
  };
}
