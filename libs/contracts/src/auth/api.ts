import { z } from 'zod';
import { defineEndpoint } from '../endpoint';
import { Id, page, PageQuery, Timestamp } from '../primitives';
import {
  Account,
  AccountDetails,
  Email,
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

export const authApi = {
  register: defineEndpoint({
    operationId: 'register',
    method: 'post',
    path: '/api/v1/auth/register',
    summary: 'Register',
    description:
      'Makes an account and signs in. A mail with a verification link follows. An address that is taken is answered ' +
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
      'password are answered alike, in content and in time.',
    tag,
    access: { kind: 'public' },
    priority: 'buy',
    body: z.object({ email: Email, password: Password }),
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
      'lost answer); later use means that it was stolen, and ends the session.',
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
  listSessions: defineEndpoint({
    operationId: 'listSessions',
    method: 'get',
    path: '/api/v1/auth/sessions',
    summary: 'List the own sessions',
    tag,
    access: { kind: 'user' },
    priority: 'browse',
    responses: {
      200: { description: 'Sessions, last used first', schema: z.object({ items: z.array(Session) }) },
    },
  }),
  revokeSession: defineEndpoint({
    operationId: 'revokeSession',
    method: 'delete',
    path: '/api/v1/auth/sessions/{sessionId}',
    summary: 'End one of the own sessions',
    description:
      'It gets no new tokens; its last access token stays good until it expires (10 minutes at most).',
    tag,
    access: { kind: 'user' },
    priority: 'browse',
    params: z.object({ sessionId: Id }),
    responses: { 204: { description: 'Ended' } },
    problems: ['not-found'],
  }),
  requestEmailVerification: defineEndpoint({
    operationId: 'requestEmailVerification',
    method: 'post',
    path: '/api/v1/auth/email/verification-requests',
    summary: 'Have the verification mail sent again',
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
    description: 'Answered alike whether the address is known or not.',
    tag,
    access: { kind: 'public' },
    priority: 'browse',
    body: z.object({ email: Email }),
    responses: { 202: { description: 'If there is such an account, a mail is on its way' } },
  }),
  resetPassword: defineEndpoint({
    operationId: 'resetPassword',
    method: 'post',
    path: '/api/v1/auth/password/reset',
    summary: 'Set a new password with the token of the mail',
    description: 'Ends all sessions.',
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
    description: 'Ends all other sessions.',
    tag,
    access: { kind: 'user' },
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
        .meta({ description: 'beginning of the address' }),
    }),
    responses: { 200: { description: 'Accounts, oldest first', schema: page(AccountDetails) } },
  }),
  setRoles: defineEndpoint({
    operationId: 'setRoles',
    method: 'put',
    path: '/api/v1/auth/users/{userId}/roles',
    summary: 'Set the roles of an account',
    description:
      'Counts from the next access token on (10 minutes at most). The last admin cannot be made a customer.',
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
        schema: z.object({
          keys: z.array(
            z.looseObject({ kty: z.string(), kid: z.string(), alg: z.string(), use: z.literal('sig') }),
          ),
        }),
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
    summary: 'All that auth holds about a person',
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
