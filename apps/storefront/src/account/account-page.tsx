import { isProblem } from '../api/problems';
import type { Profile } from '../api/types';
import { Link, useRouter } from '../router/router';
import { routes } from '../router/routes';
import { useIsSignedIn, useIsStaff, useShop } from '../shop';
import { useAnnounce } from '../ui/announcer';
import { Failure, Notice } from '../ui/notice';
import { Page } from '../ui/page';
import { useLoad } from '../ui/use-load';
import { useSubmit } from '../ui/use-submit';
import { AccountNav } from './account-nav';
import { ProfileForm } from './profile-form';
import { SignedOut } from './signed-out';

export function AccountPage() {
  if (!useIsSignedIn()) return <SignedOut title="Your account" />;
  return <Account />;
}

function Account() {
  const { session, checkout } = useShop();
  const { go } = useRouter();
  const announce = useAnnounce();
  const isStaff = useIsStaff();
  const { value, error, reload, set } = useLoad('me', (signal) =>
    session.ask<Profile>('/api/v1/me', { signal }),
  );
  const leaving = useSubmit(async () => {
    await session.signOut();
    checkout.forget();
    announce('You are signed out.');
    go(routes.catalog);
  });
  return (
    <Page title="Your account" narrow>
      <AccountNav />
      {error !== undefined &&
        (isProblem(error, 'not-found') ? (
          <Notice title="Your profile is being made.">
            <p>That takes a moment after registering.</p>
            <button type="button" onClick={reload}>
              Look again
            </button>
          </Notice>
        ) : (
          <Failure error={error} what="Your profile" retry={reload} />
        ))}
      {value && (
        <dl className="facts">
          <div>
            <dt>Name</dt>
            <dd>{value.name}</dd>
          </div>
          <div>
            <dt>Email address</dt>
            <dd>{value.email}</dd>
          </div>
        </dl>
      )}
      {value && <ProfileForm profile={value} onSaved={set} />}
      {isStaff && (
        <p>
          <Link to="admin">Administration</Link>
        </p>
      )}
      {leaving.error !== undefined && <Failure error={leaving.error} what="Signing out" />}
      <form onSubmit={leaving.onSubmit}>
        <button type="submit" disabled={leaving.isSending}>
          Sign out
        </button>
      </form>
    </Page>
  );
}
