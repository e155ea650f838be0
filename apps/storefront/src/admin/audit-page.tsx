import { AdminPage } from './admin-page';
import { StaffList } from './staff-list';
import type { SecurityEvent } from './types';
import { useLanguage } from '../language/language-provider';

export function AuditPage() {
  const { t, format } = useLanguage();
  return (
    <AdminPage title={t.staff.pages.adminAudit}>
      <StaffList<SecurityEvent>
        path="/api/v1/auth/audit"
        filters={['userId']}
        what={t.parts.audit}
        keyOf={({ id }) => id}
      >
        {({ at, kind, userId, actorId }) => (
          <>
            <div>
              <h2 translate="no">{kind}</h2>
              <p className="muted">
                {t.staff.user(userId)}
                {actorId && `, ${t.staff.by(actorId)}`}
              </p>
            </div>
            <time dateTime={at}>{format.date(at)}</time>
          </>
        )}
      </StaffList>
    </AdminPage>
  );
}
