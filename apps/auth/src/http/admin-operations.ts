import { authApi } from '@bulkhead/contracts/auth/api';
import { Id } from '@bulkhead/contracts/primitives';
import { decodeCursor, nextPage } from '@bulkhead/service/http/cursor';
import { implement, type Operation } from '@bulkhead/service/http/operation';
import { listAccounts } from '../accounts/list-accounts';
import { setRoles } from '../accounts/set-roles';
import { listSecurityEvents } from '../audit/list-security-events';
import type { Auth } from '../auth';

/** The operations of admins. */
export const adminOperations = (auth: Auth): Operation[] => [
  implement(authApi.listUsers, async ({ query }) => {
    const { limit, email } = query;
    const { items, hasMore } = await listAccounts(auth, {
      limit,
      email,
      after: decodeCursor(query.cursor, Id),
    });
    const last = hasMore ? items.at(-1)?.id : undefined;
    return { status: 200, body: { items, ...nextPage(authApi.listUsers.path, query, last) } };
  }),
  implement(authApi.setRoles, async ({ params, body }, { user }) => ({
    status: 200,
    body: await setRoles(auth, { actorId: user.id, accountId: params.userId, roles: body.roles }),
  })),
  implement(authApi.listSecurityEvents, async ({ query }) => {
    const { limit, userId } = query;
    const before = decodeCursor(query.cursor, Id);
    const { items, hasMore } = await listSecurityEvents(auth, { limit, userId, before });
    const last = hasMore ? items.at(-1)?.id : undefined;
    return { status: 200, body: { items, ...nextPage(authApi.listSecurityEvents.path, query, last) } };
  }),
];
