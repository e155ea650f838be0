import { formatDate } from '../ui/format';
import { AdminPage } from './admin-page';
import { StaffList } from './staff-list';
import type { SecurityEvent } from './types';

export function AuditPage() {
  return (
    <AdminPage title="Audit">
      <StaffList<SecurityEvent>
        path="/api/v1/auth/audit"
        filters={['userId']}
        what="The audit log"
        keyOf={({ id }) => id}
      >
        {({ at, kind, userId, actorId }) => (
          <>
            <div>
              <h2>{kind}</h2>
              <p className="muted">
                User {userId}
                {actorId && `, by ${actorId}`}
              </p>
            </div>
            <time dateTime={at}>{formatDate(at)}</time>
          </>
        )}
      </StaffList>
    </AdminPage>
  );
}
