import { useState } from 'react';
import { isProblem } from '../api/problems';
import type { DataExport, Erasure } from '../api/types';
import { useIsSignedIn, useShop } from '../shop';
import { useAnnounce } from '../ui/announcer';
import { ConfirmButton } from '../ui/confirm-button';
import { formatDate } from '../ui/format';
import { Failure, Notice } from '../ui/notice';
import { Page } from '../ui/page';
import { useLoad } from '../ui/use-load';
import { useSubmit } from '../ui/use-submit';
import { AccountNav } from './account-nav';
import { SignedOut } from './signed-out';

export function OwnDataPage() {
  if (!useIsSignedIn()) return <SignedOut title="Your data" />;
  return <OwnData />;
}

function OwnData() {
  const { session } = useShop();
  const announce = useAnnounce();
  const [incomplete, setIncomplete] = useState<readonly string[]>();
  const erasure = useLoad('erasure', (signal) =>
    session.ask<Erasure>('/api/v1/me/erasure', { signal }).catch((error: unknown) => {
      if (isProblem(error, 'not-found')) return undefined;
      throw error;
    }),
  );
  const exporting = useSubmit(async () => {
    const data = await session.ask<DataExport>('/api/v1/me/export');
    saveAs('my-data.json', JSON.stringify(data, null, 2));
    setIncomplete(data.incomplete);
    announce('Your data is saved as a file.');
  });
  const erase = async () => {
    erasure.set(await session.ask<Erasure>('/api/v1/me', { method: 'DELETE' }));
    announce('Your erasure has begun.');
  };
  const { value } = erasure;
  return (
    <Page title="Your data" narrow>
      <AccountNav />
      <section aria-labelledby="export-heading">
        <h2 id="export-heading">Take it with you</h2>
        <p>Everything that the shop holds about you, as a file.</p>
        {exporting.error !== undefined && <Failure error={exporting.error} what="The export of your data" />}
        {incomplete && incomplete.length > 0 && (
          <Notice tone="bad" title={`What ${incomplete.join(' and ')} hold is not in the file.`}>
            <p>They could not be asked. Try again in a while for all of it.</p>
          </Notice>
        )}
        <form onSubmit={exporting.onSubmit}>
          <button type="submit" disabled={exporting.isSending}>
            {exporting.isSending ? 'Gathering …' : 'Save my data'}
          </button>
        </form>
      </section>
      <section aria-labelledby="erasure-heading">
        <h2 id="erasure-heading">Be forgotten</h2>
        {value ? (
          <Notice title={value.completedAt ? 'You are forgotten.' : 'You are being forgotten.'}>
            <p>Asked for {formatDate(value.requestedAt)}.</p>
            <ul className="plain">
              {value.services.map(({ service, answeredAt }) => (
                <li key={service}>
                  <span>{service}</span>
                  <span>{answeredAt ? 'done' : 'not yet'}</span>
                </li>
              ))}
            </ul>
            <button type="button" onClick={erasure.reload}>
              Look again
            </button>
          </Notice>
        ) : (
          <>
            <p>
              Signs you out everywhere, ends open orders, and erases you in every service. It cannot be
              undone.
            </p>
            <ConfirmButton
              label="Erase my account"
              question="Erase your account for good?"
              yes="Yes, erase it for good"
              no="Keep it"
              what="The erasure"
              onConfirm={erase}
            />
          </>
        )}
      </section>
    </Page>
  );
}

function saveAs(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
