import type { Role } from '@bulkhead/contracts/endpoint';
import type { Auth } from '../auth';

interface Row {
  readonly id: string;
  readonly account_id: string;
  readonly roles: Role[];
}

/** Which of these sessions are live, and the current roles of their accounts. */
export async function liveSessions({ database }: Pick<Auth, 'database'>, sessionIds: readonly string[]) {
  // Called by the gateway on many requests: the client prepares no statement.
  const { rows } = await database.query<Row>({
    name: 'sessions-live',
    text: `select session.id, session.account_id, account.roles
      from sessions as session join accounts as account on account.id = session.account_id
      where session.id = any ($1::uuid[]) and session.revoked_at is null and session.expires_at > now()
        and account.erased_at is null`,
    values: [sessionIds],
  });
  return rows.map(({ id, account_id: userId, roles }) => ({ sessionId: id, userId, roles }));
}
