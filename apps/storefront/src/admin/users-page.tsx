import { useShop } from '../shop';
import { useRouter } from '../router/router';
import { useAnnounce } from '../ui/announcer';
import { ConfirmButton } from '../ui/confirm-button';
import { formatDate } from '../ui/format';
import { Link } from '../router/router';
import { AdminPage } from './admin-page';
import { FilterForm } from './filter-form';
import { StaffList } from './staff-list';
import type { Account } from './types';

export function UsersPage() {
  const { session } = useShop();
  const { query } = useRouter();
  const announce = useAnnounce();
  const setRoles = async ({ id, email }: Account, roles: Account['roles'], reload: () => void) => {
    await session.send(`/api/v1/auth/users/${id}/roles`, { method: 'PUT', body: { roles } });
    announce(`${email} has other roles now, and has to sign in again.`);
    reload();
  };
  return (
    <AdminPage title="Users">
      <FilterForm>
        <label>
          <span>Beginning of the email address</span>
          <input name="email" maxLength={254} defaultValue={query.get('email') ?? ''} />
        </label>
      </FilterForm>
      <StaffList<Account>
        path="/api/v1/auth/users"
        filters={['email']}
        what="The list of users"
        keyOf={({ id }) => id}
      >
        {(user, reload) => {
          const isAdmin = user.roles.includes('admin');
          return (
            <>
              <div>
                <h2>{user.email}</h2>
                <p className="muted">
                  Since {formatDate(user.createdAt)}
                  {!user.emailVerified && ' · address not verified'}
                </p>
              </div>
              {isAdmin && <span className="tag good">admin</span>}
              <Link to="adminOrders" query={{ userId: user.id }}>
                Orders<span className="unseen"> of {user.email}</span>
              </Link>
              <ConfirmButton
                label={
                  <>
                    {isAdmin ? 'Make a customer' : 'Make an admin'}
                    <span className="unseen"> of {user.email}</span>
                  </>
                }
                question={`Change the roles of ${user.email}?`}
                yes="Yes, change them"
                what="Changing the roles"
                onConfirm={() => setRoles(user, isAdmin ? ['customer'] : ['customer', 'admin'], reload)}
              />
            </>
          );
        }}
      </StaffList>
    </AdminPage>
  );
}
