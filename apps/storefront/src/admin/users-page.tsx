import { useShop } from '../shop';
import { useRouter } from '../router/router';
import { useAnnounce } from '../ui/announcer';
import { ConfirmButton } from '../ui/confirm-button';
import { Link } from '../router/router';
import { AdminPage } from './admin-page';
import { FilterForm } from './filter-form';
import { StaffList } from './staff-list';
import type { Account } from './types';
import { useLanguage } from '../language/language-provider';

export function UsersPage() {
  const { t, format } = useLanguage();
  const { session } = useShop();
  const { query } = useRouter();
  const announce = useAnnounce();
  const setRoles = async ({ id, email }: Account, roles: Account['roles'], reload: () => void) => {
    await session.send(`/api/v1/auth/users/${id}/roles`, { method: 'PUT', body: { roles } });
    announce(t.staff.rolesChanged(email));
    reload();
  };
  return (
    <AdminPage title={t.staff.pages.adminUsers}>
      <FilterForm>
        <label>
          <span>{t.staff.beginningOfEmail}</span>
          <input name="email" maxLength={254} defaultValue={query.get('email') ?? ''} />
        </label>
      </FilterForm>
      <StaffList<Account>
        path="/api/v1/auth/users"
        filters={['email']}
        what={t.parts.users}
        keyOf={({ id }) => id}
      >
        {(user, reload) => {
          const isAdmin = user.roles.includes('admin');
          return (
            <>
              <div>
                <h2 translate="no">{user.email}</h2>
                <p className="muted">
                  {t.staff.since(format.date(user.createdAt))}
                  {!user.emailVerified && ` · ${t.staff.notVerified}`}
                </p>
              </div>
              {isAdmin && (
                <span className="tag good" translate="no">
                  admin
                </span>
              )}
              <Link to="adminOrders" query={{ userId: user.id }}>
                {t.staff.ordersLink}
                <span className="unseen"> {t.staff.of(user.email)}</span>
              </Link>
              <ConfirmButton
                label={
                  <>
                    {isAdmin ? t.staff.makeCustomer : t.staff.makeAdmin}
                    <span className="unseen"> {t.staff.of(user.email)}</span>
                  </>
                }
                question={t.staff.rolesQuestion(user.email)}
                yes={t.staff.rolesYes}
                what={t.parts.changingRoles}
                onConfirm={() => setRoles(user, isAdmin ? ['customer'] : ['customer', 'admin'], reload)}
              />
            </>
          );
        }}
      </StaffList>
    </AdminPage>
  );
}
