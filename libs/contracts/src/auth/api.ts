import { z } from 'zod';
import { defineEndpoint } from '../endpoint';
import { Id, list, page, PageQuery, Timestamp } from '../primitives';
import {
  Account,
  AccountDetails,
  BrowserSignedIn,
  BrowserTokens,
  Email,
  KnownEmail,
  NewPassword,
  OpaqueToken,
  Password,
  PersonName,
  RoleName,
  SecurityEvent,
  Session,
  SignedIn,
  Tokens,
} from './schemas';

const tag = 'auth';

const JsonWebKey = z
  .looseObject({ kty: z.string(), kid: z.string(), alg: z.string(), use: z.literal('sig') })
  .meta({ id: 'JsonWebKey', description: 'RFC 7517; other members depend on its kind (`kty`)' });

/** Path of the cookie that holds a browser's refresh token: it is sent to these endpoints only. */
export const browserSessionPath = '/api/v1/auth/session';
const setCookie = {
  'set-cookie': { description: 'the refresh token: HttpOnly, SameSite=Strict, Secure in production' },
};
const sameOriginOnly =
  'Only for pages of the shop itself: a request that Sec-Fetch-Site says comes from another site is `forbidden`.';

export const authApi = {
  register: defineEndpoint({
    operationId: 'register',
    method: 'post',
    path: '/api/v1/auth/register',
    summary: 'Register',
    description:
      'Creates an account and signs in. A mail with a verification link follows. An address in use is rejected ' +
      'with 409: a shop has to say so, and asking is rate limited.',
    tag,
    access: { kind: 'public' },
    priority: 'buy',
    body: z.object({ email: Email, password: NewPassword, name: PersonName }),
    responses: { 201: { description: 'Registered and signed in', schema: SignedIn } },
    problems: ['already-exists'],
  }),
  login: defineEndpoint({
    operationId: 'login',
    method: 'post',
    path: '/api/v1/auth/login',
    summary: 'Sign in',
    description:
      'Failed attempts slow down the next ones, by account and by client address. An unknown address and a wrong ' +
      'password get the same response, in content and in time.',
    tag,
    access: { kind: 'public' },
    priority: 'buy',
    body: z.object({ email: KnownEmail, password: Password }),
    responses: { 200: { description: 'Signed in', schema: SignedIn } },
    problems: ['invalid-credentials', 'rate-limited'],
  }),
  refresh: defineEndpoint({
    operationId: 'refreshTokens',
    method: 'post',
    path: '/api/v1/auth/refresh',
    summary: 'Get new tokens',
    description:
      'A refresh token is good once. For 10 seconds after its first use it gives the same successor again (two tabs, a ' +
      'lost response); later use means that it was stolen, and ends the session.',
    tag,
    access: { kind: 'public' },
    priority: 'buy',
    retryable: true,
    body: z.object({ refreshToken: OpaqueToken }),
    responses: { 200: { description: 'New tokens', schema: Tokens } },
    problems: ['invalid-token'],
  }),
  logout: defineEndpoint({
    operationId: 'logout',
    method: 'post',
    path: '/api/v1/auth/logout',
    summary: 'Sign out',
    description:
      'Ends the session of the refresh token. A token that is no longer good is no error (RFC 7009 §2.2).',
    tag,
    access: { kind: 'public' },
    priority: 'browse',
    retryable: true,
    body: z.object({ refreshToken: OpaqueToken }),
    responses: { 204: { description: 'Signed out' } },
  }),
  registerInBrowser: defineEndpoint({
    operationId: 'registerInBrowser',
    method: 'post',
    path: `${browserSessionPath}/registrations`,
    summary: 'Register, with the refresh token in a cookie',
    description: `As \`register\`, but no script can read the refresh token. ${sameOriginOnly}`,
    tag,
    access: { kind: 'public' },
    priority: 'buy',
    body: z.object({ email: Email, password: NewPassword, name: PersonName }),
    responses: {
      201: { description: 'Registered and signed in', schema: BrowserSignedIn, headers: setCookie },
    },
    problems: ['already-exists', 'forbidden'],
  }),
  loginInBrowser: defineEndpoint({
    operationId: 'loginInBrowser',
    method: 'post',
    path: browserSessionPath,
    summary: 'Sign in, with the refresh token in a cookie',
    description: `As \`login\`, but no script can read the refresh token. ${sameOriginOnly}`,
    tag,
    access: { kind: 'public' },
    priority: 'buy',
    body: z.object({ email: KnownEmail, password: Password }),
    responses: { 200: { description: 'Signed in', schema: BrowserSignedIn, headers: setCookie } },
    problems: ['invalid-credentials', 'rate-limited', 'forbidden'],
  }),
  refreshInBrowser: defineEndpoint({
    operationId: 'refreshInBrowser',
    method: 'post',
    path: `${browserSessionPath}/refresh`,
    summary: 'Get a new access token with the cookie',
    description: `As \`refreshTokens\`; the next refresh token takes the cookie's place. ${sameOriginOnly}`,
    tag,
    access: { kind: 'public' },
    priority: 'buy',
    retryable: true,
    responses: { 200: { description: 'A new access token', schema: BrowserTokens, headers: setCookie } },
    problems: ['invalid-token', 'forbidden'],
  }),
  logoutInBrowser: defineEndpoint({
    operationId: 'logoutInBrowser',
    method: 'delete',
    path: browserSessionPath,
    summary: 'Sign out, and remove the cookie',
    description: `Without a cookie, or with one that is no longer good, there is nothing to do. ${sameOriginOnly}`,
    tag,
    access: { kind: 'public' },
    priority: 'browse',
    responses: { 204: { description: 'Signed out', headers: setCookie } },
    problems: ['forbidden'],
  }),
  listSessions: defineEndpoint({
    operationId: 'listSessions',
    method: 'get',
    path: '/api/v1/auth/sessions',
    summary: 'List the own sessions',
    description: 'Each sign-in that has not ended, with the browser or app that it came from.',
    tag,
    access: { kind: 'user' },
    priority: 'browse',
    responses: {
      200: { description: 'Sessions, last used first', schema: list(Session) },
    },
  }),
  revokeSession: defineEndpoint({
    operationId: 'revokeSession',
    method: 'delete',
    path: '/api/v1/auth/sessions/{sessionId}',
    summary: 'End one of the own sessions',
    description:
      'It gets no new tokens, and its streams end. Its last access token goes on to expire, in 10 minutes at most; until ' +
      'then it is good for all but the operations that need a session that has not ended.',
    tag,
    access: { kind: 'user' },
    liveSession: true,
    priority: 'browse',
    params: z.object({ sessionId: Id }),
    responses: { 204: { description: 'Ended' } },
    problems: ['not-found'],
  }),
  revokeSessions: defineEndpoint({
    operationId: 'revokeSessions',
    method: 'delete',
    path: '/api/v1/auth/sessions',
    summary: 'Sign out everywhere',
    description: 'Ends all own sessions, the one that asks included, and voids links to reset the password.',
    tag,
    access: { kind: 'user' },
    liveSession: true,
    priority: 'browse',
    responses: { 204: { description: 'Signed out everywhere' } },
  }),
  requestEmailVerification: defineEndpoint({
    operationId: 'requestEmailVerification',
    method: 'post',
    path: '/api/v1/auth/email/verification-requests',
    summary: 'Have the verification mail sent again',
    description: 'For an address that is not verified yet. How often is limited.',
    tag,
    access: { kind: 'user' },
    priority: 'browse',
    responses: { 202: { description: 'The mail is on its way, unless the address is verified already' } },
    problems: ['rate-limited', 'not-found'],
  }),
  verifyEmail: defineEndpoint({
    operationId: 'verifyEmail',
    method: 'post',
    path: '/api/v1/auth/email/verify',
    summary: 'Verify the address with the token of the mail',
    description: 'A token that is no longer good is `gone`.',
    tag,
    access: { kind: 'public' },
    priority: 'browse',
    body: z.object({ token: OpaqueToken }),
    responses: { 204: { description: 'Verified' } },
    problems: ['gone'],
  }),
  requestPasswordReset: defineEndpoint({
    operationId: 'requestPasswordReset',
    method: 'post',
    path: '/api/v1/auth/password/reset-requests',
    summary: 'Have a mail sent to set a new password',
    description: 'The response is the same whether the address is known or not.',
    tag,
    access: { kind: 'public' },
    priority: 'browse',
    body: z.object({ email: KnownEmail }),
    responses: { 202: { description: 'If there is such an account, a mail is on its way' } },
  }),
  resetPassword: defineEndpoint({
    operationId: 'resetPassword',
    method: 'post',
    path: '/api/v1/auth/password/reset',
    summary: 'Set a new password with the token of the mail',
    description: 'Ends all sessions, and voids other links to reset the password.',
    tag,
    access: { kind: 'public' },
    priority: 'buy',
    body: z.object({ token: OpaqueToken, newPassword: NewPassword }),
    responses: { 204: { description: 'The new password is good from now on' } },
    problems: ['gone'],
  }),
  changePassword: defineEndpoint({
    operationId: 'changePassword',
    method: 'post',
    path: '/api/v1/auth/password/change',
    summary: 'Change the password',
    description: 'Ends all other sessions, and voids links to reset the password.',
    tag,
    access: { kind: 'user' },
    liveSession: true,
    priority: 'browse',
    body: z.object({ currentPassword: Password, newPassword: NewPassword }),
    responses: { 204: { description: 'Changed' } },
    problems: ['invalid-credentials', 'rate-limited', 'conflict', 'not-found'],
  }),
  listUsers: defineEndpoint({
    operationId: 'listUsers',
    method: 'get',
    path: '/api/v1/auth/users',
    summary: 'List accounts',
    tag,
    access: { kind: 'role', role: 'admin' },
    priority: 'browse',
    query: PageQuery.extend({
      email: z
        .string()
        .regex(/^[^\u0000-\u0020\u007f-\u00a0]{1,254}$/u, 'must be the beginning of an address')
        .optional()
        .meta({ description: 'beginning of the address', examples: ['ada@'] }),
    }),
    responses: {
      200: { description: 'Accounts, oldest first', schema: page(AccountDetails, 'AccountList') },
    },
  }),
  setRoles: defineEndpoint({
    operationId: 'setRoles',
    method: 'put',
    path: '/api/v1/auth/users/{userId}/roles',
    summary: 'Set the roles of an account',
    description:
      'Ends all sessions of an account whose roles change: it has the new ones after signing in again. The last admin ' +
      'cannot be made a customer.',
    tag,
    access: { kind: 'role', role: 'admin' },
    priority: 'browse',
    params: z.object({ userId: Id }),
    body: z.object({ roles: z.array(RoleName).min(1).max(2) }),
    responses: { 200: { description: 'The account as it is now', schema: Account } },
    problems: ['not-found', 'conflict'],
  }),
  listSecurityEvents: defineEndpoint({
    operationId: 'listSecurityEvents',
    method: 'get',
    path: '/api/v1/auth/audit',
    summary: 'Read the audit log',
    tag,
    access: { kind: 'role', role: 'admin' },
    priority: 'browse',
    query: PageQuery.extend({ userId: Id.optional() }),
    responses: { 200: { description: 'Security events, newest first', schema: page(SecurityEvent) } },
  }),
  jwks: defineEndpoint({
    operationId: 'jwks',
    method: 'get',
    path: '/.well-known/jwks.json',
    summary: 'Public keys of access tokens',
    description:
      'JSON Web Key Set (RFC 7517). A key is here before it signs and until all it has signed has expired.',
    tag,
    access: { kind: 'public' },
    priority: 'pay',
    responses: {
      200: {
        description: 'The keys; may be cached for 5 minutes',
        schema: z
          .object({ keys: z.array(JsonWebKey) })
          .meta({ id: 'JsonWebKeySet', description: 'Public keys (RFC 7517)' }),
        headers: { 'cache-control': { description: 'public, max-age=300' } },
      },
    },
  }),
} as const;

export const authInternal = {
  contact: defineEndpoint({
    operationId: 'authContact',
    method: 'get',
    path: '/internal/users/{userId}/contact',
    summary: 'The address of an account',
    description:
      'The name is what the person gave when registering; it is dropped some days after profile has first asked for it.',
    tag,
    access: { kind: 'service', callers: ['profile'] },
    priority: 'buy',
    params: z.object({ userId: Id }),
    responses: {
      200: {
        description: 'How to reach them',
        schema: z.object({
          userId: Id,
          email: z.string(),
          emailVerified: z.boolean(),
          name: z.string().nullable(),
        }),
      },
    },
    problems: ['not-found'],
  }),
  liveSessions: defineEndpoint({
    operationId: 'liveSessions',
    method: 'post',
    path: '/internal/sessions/live',
    summary: 'Which of these sessions have not ended',
    tag,
    access: { kind: 'service', callers: ['gateway'] },
    priority: 'buy',
    retryable: true,
    body: z.object({ sessionIds: z.array(Id).min(1).max(1000) }),
    responses: {
      200: {
        description: 'Those that live, with the roles that their accounts have now',
        schema: z.object({
          items: z.array(z.object({ sessionId: Id, userId: Id, roles: z.array(RoleName) })),
        }),
      },
    },
  }),
  resign: defineEndpoint({
    operationId: 'resign',
    method: 'post',
    path: '/internal/users/{userId}/resignation',
    summary: 'A person is about to be erased: an admin gives up that role first',
    description:
      'Of admins who leave at once one stays, the last: conflict. Changes nothing for anybody else.',
    tag,
    access: { kind: 'service', callers: ['profile'] },
    priority: 'buy',
    retryable: true,
    params: z.object({ userId: Id }),
    responses: { 204: { description: 'The person is no admin (any more)' } },
    problems: ['conflict'],
  }),
  mintToken: defineEndpoint({
    operationId: 'mintToken',
    method: 'post',
    path: '/internal/users/{userId}/tokens',
    summary: 'Make a single-use token for a mail that is being sent now',
    description: 'An earlier one stays good: a mail may be sent twice.',
    tag,
    access: { kind: 'service', callers: ['notification'] },
    priority: 'buy',
    retryable: true,
    params: z.object({ userId: Id }),
    body: z.object({ purpose: z.enum(['email-verification', 'password-reset']) }),
    responses: {
      200: { description: 'The token', schema: z.object({ token: OpaqueToken, expiresAt: Timestamp }) },
    },
    problems: ['not-found'],
  }),
  exportUser: defineEndpoint({
    operationId: 'exportAuthData',
    method: 'get',
    path: '/internal/users/{userId}/export',
    summary: 'Everything that auth stores about a person',
    tag,
    access: { kind: 'service', callers: ['profile'] },
    priority: 'browse',
    params: z.object({ userId: Id }),
    responses: {
      200: {
        description: 'Records; none for an unknown person',
        schema: z.object({ items: z.array(z.record(z.string(), z.unknown())).max(1000) }),
      },
    },
  }),
} as const;
