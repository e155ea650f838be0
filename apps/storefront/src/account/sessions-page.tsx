import type { Session as SessionSchema } from '@bulkhead/contracts/auth/schemas';
import type { z } from 'zod';
import { useIsSignedIn, useShop } from '../shop';
import { useAnnounce } from '../ui/announcer';
import { ConfirmButton } from '../ui/confirm-button';
import { Failure } from '../ui/notice';
import { Page } from '../ui/page';
import { useLoad } from '../ui/use-load';
import { AccountNav } from './account-nav';
import { SignedOut } from './signed-out';
import { useLanguage } from '../language/language-provider';

type SignedInAt = z.output<typeof SessionSchema>;

export function SessionsPage() {
  const { t } = useLanguage();
  if (!useIsSignedIn()) return <SignedOut title={t.sessions.title} />;
  return <Sessions />;
}

const path = '/api/v1/auth/sessions';

function Sessions() {
  const { t, format } = useLanguage();
  const { session } = useShop();
  const announce = useAnnounce();
  const nameOf = (userAgent: string | null) =>
    userAgent === null ? t.sessions.unnamed : programOf(userAgent);
  const { value, error, isLoading, reload } = useLoad('sessions', (signal) =>
    session.ask<{ readonly items: readonly SignedInAt[] }>(path, { signal }),
  );
  const end = (id: string) => async () => {
    await session.send(`${path}/${id}`, { method: 'DELETE' });
    announce(t.sessions.ended);
    reload();
  };
  const endAll = async () => {
    await session.send(path, { method: 'DELETE' });
    await session.signOut();
    announce(t.account.signedOutEverywhere);
  };
  return (
    <Page title={t.sessions.title} narrow>
      <AccountNav />
      {error !== undefined && <Failure error={error} what={t.parts.sessions} retry={reload} />}
      <ul className="rows" aria-busy={isLoading}>
        {value?.items.map(({ id, userAgent, lastUsedAt, createdAt, current }) => (
          <li key={id}>
            <div>
              <h2>{current ? t.sessions.thisBrowser : nameOf(userAgent)}</h2>
              <p className="muted">{t.sessions.about(format.date(createdAt), format.date(lastUsedAt))}</p>
            </div>
            {!current && (
              <ConfirmButton
                label={
                  <>
                    {t.sessions.end}
                    <span className="unseen"> {t.sessions.endOf(nameOf(userAgent))}</span>
                  </>
                }
                question={t.sessions.endQuestion}
                yes={t.sessions.endYes}
                what={t.parts.endingSession}
                onConfirm={end(id)}
              />
            )}
          </li>
        ))}
      </ul>
      <ConfirmButton
        label={t.sessions.endAll}
        question={t.sessions.endAllQuestion}
        yes={t.sessions.endAllYes}
        what={t.parts.signingOutEverywhere}
        onConfirm={endAll}
      />
    </Page>
  );
}

/** The recognisable name in a user agent string. */
const programOf = (userAgent: string): string =>
  /\b(Firefox|Edg|OPR|Chrome|Safari|curl)\b/.exec(userAgent)?.[0] ?? userAgent.slice(0, 40);
