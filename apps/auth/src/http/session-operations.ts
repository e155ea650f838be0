import { authApi } from '@bulkhead/contracts/auth/api';
import { implement, type Operation } from '@bulkhead/service/http/operation';
import { register } from '../accounts/register';
import { requestEmailVerification, verifyEmail } from '../accounts/verify-email';
import type { Auth } from '../auth';
import { changePassword } from '../passwords/change-password';
import { requestPasswordReset, resetPassword } from '../passwords/reset-password';
import { logout, revokeSession, revokeSessions } from '../sessions/end-sessions';
import { listSessions } from '../sessions/list-sessions';
import { login } from '../sessions/login';
import { refresh } from '../sessions/refresh';
import { clientOf } from './client-of';

/** The operations of people on their own account. */
export const sessionOperations = (auth: Auth): Operation[] => [
  implement(authApi.register, async ({ body }, context) => ({
    status: 201,
    body: await register(auth, body, clientOf(context)),
  })),
  implement(authApi.login, async ({ body }, context) => ({
    status: 200,
    body: await login(auth, body, clientOf(context)),
  })),
  implement(authApi.refresh, async ({ body }) => ({
    status: 200,
    body: await refresh(auth, body.refreshToken),
  })),
  implement(authApi.logout, async ({ body }) => {
    await logout(auth, body.refreshToken);
    return { status: 204 };
  }),
  implement(authApi.listSessions, async (_request, { user }) => ({
    status: 200,
    body: { items: await listSessions(auth, { accountId: user.id, currentSessionId: user.sessionId }) },
  })),
  implement(authApi.revokeSession, async ({ params }, { user }) => {
    await revokeSession(auth, { accountId: user.id, sessionId: params.sessionId });
    return { status: 204 };
  }),
  implement(authApi.revokeSessions, async (_request, { user }) => {
    await revokeSessions(auth, user.id);
    return { status: 204 };
  }),
  implement(authApi.requestEmailVerification, async (_request, { user }) => {
    await requestEmailVerification(auth, user.id);
    return { status: 202 };
  }),
  implement(authApi.verifyEmail, async ({ body }) => {
    await verifyEmail(auth, body.token);
    return { status: 204 };
  }),
  implement(authApi.requestPasswordReset, async ({ body }) => {
    await requestPasswordReset(auth, body.email);
    return { status: 202 };
  }),
  implement(authApi.resetPassword, async ({ body }) => {
    await resetPassword(auth, body);
    return { status: 204 };
  }),
  implement(authApi.changePassword, async ({ body }, context) => {
    const { id, sessionId } = context.user;
    await changePassword(auth, { accountId: id, sessionId, ...body }, clientOf(context));
    return { status: 204 };
  }),
];
