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
import { useLanguage } from '../language/language-provider';

export function AccountPage() {
  const { t } = useLanguage();
  if (!useIsSignedIn()) return <SignedOut title={t.account.title} />;
  return <Account />;
}

function Account() {
  const { t } = useLanguage();
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
    announce(t.account.signedOut);
    go(routes.catalog);
  });
  return (
    <Page title={t.account.title} narrow>
      <AccountNav />
      {error !== undefined &&
        (isProblem(error, 'not-found') ? (
          <Notice title={t.account.beingMade}>
            <p>{t.account.beingMadeAbout}</p>
            <button type="button" onClick={reload}>
              {t.shop.lookAgain}
            </button>
          </Notice>
        ) : (
          <Failure error={error} what={t.parts.profile} retry={reload} />
        ))}
      {value && (
        <dl className="facts">
          <div>
            <dt>{t.account.name}</dt>
            <dd translate="no">{value.name}</dd>
          </div>
          <div>
            <dt>{t.account.email}</dt>
            <dd translate="no">{value.email}</dd>
          </div>
        </dl>
      )}
      {value && <ProfileForm profile={value} onSaved={set} />}
      {isStaff && (
        <p>
          <Link to="admin">{t.account.administration}</Link>
        </p>
      )}
      {leaving.error !== undefined && <Failure error={leaving.error} what={t.parts.signingOut} />}
      <form onSubmit={leaving.onSubmit}>
        <button type="submit" disabled={leaving.isSending}>
          {t.account.signOut}
        </button>
      </form>
    </Page>
  );
}
