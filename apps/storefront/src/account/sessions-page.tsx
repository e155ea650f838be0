import type { Session as SessionSchema } from '@bulkhead/contracts/auth/schemas';
import type { z } from 'zod';
import { useIsSignedIn, useShop } from '../shop';
import { useAnnounce } from '../ui/announcer';
import { ConfirmButton } from '../ui/confirm-button';
import { formatDate } from '../ui/format';
import { Failure } from '../ui/notice';
import { Page } from '../ui/page';
import { useLoad } from '../ui/use-load';
import { AccountNav } from './account-nav';
import { SignedOut } from './signed-out';

type SignedInAt = z.output<typeof SessionSchema>;

export function SessionsPage() {
  if (!useIsSignedIn()) return <SignedOut title="Where you are signed in" />;
  return <Sessions />;
}

const path = '/api/v1/auth/sessions';

function Sessions() {
  const { session } = useShop();
  const announce = useAnnounce();
  const { value, error, isLoading, reload } = useLoad('sessions', (signal) =>
    session.ask<{ readonly items: readonly SignedInAt[] }>(path, { signal }),
  );
  const end = (id: string) => async () => {
    await session.send(`${path}/${id}`, { method: 'DELETE' });
    announce('That session is ended.');
    reload();
  };
  const endAll = async () => {
    await session.send(path, { method: 'DELETE' });
    await session.signOut();
    announce('You are signed out everywhere.');
  };
  return (
    <Page title="Where you are signed in" narrow>
      <AccountNav />
      {error !== undefined && <Failure error={error} what="The list of your sessions" retry={reload} />}
      <ul className="rows" aria-busy={isLoading}>
        {value?.items.map(({ id, userAgent, lastUsedAt, createdAt, current }) => (
          <li key={id}>
            <div>
              <h2>{current ? 'This browser' : nameOf(userAgent)}</h2>
              <p className="muted">
                Signed in {formatDate(createdAt)}, last used {formatDate(lastUsedAt)}
              </p>
            </div>
            {!current && (
              <ConfirmButton
                label={
                  <>
                    End<span className="unseen"> the session of {nameOf(userAgent)}</span>
                  </>
                }
                question="End this session?"
                yes="Yes, end it"
                what="Ending the session"
                onConfirm={end(id)}
              />
            )}
          </li>
        ))}
      </ul>
      <ConfirmButton
        label="Sign out everywhere"
        question="Sign out everywhere, here too?"
        yes="Yes, everywhere"
        what="Signing out everywhere"
        onConfirm={endAll}
      />
    </Page>
  );
}

/** Of what a browser or an app calls itself, what a person knows it by. */
const nameOf = (userAgent: string | null): string =>
  userAgent === null
    ? 'A browser or an app'
    : (/\b(Firefox|Edg|OPR|Chrome|Safari|curl)\b/.exec(userAgent)?.[0] ?? userAgent.slice(0, 40));
