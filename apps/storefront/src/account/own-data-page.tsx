import { useState } from 'react';
import { isProblem } from '../api/problems';
import type { DataExport, Erasure } from '../api/types';
import { useIsSignedIn, useShop } from '../shop';
import { useAnnounce } from '../ui/announcer';
import { ConfirmButton } from '../ui/confirm-button';
import { Failure, Notice } from '../ui/notice';
import { Page } from '../ui/page';
import { useLoad } from '../ui/use-load';
import { useSubmit } from '../ui/use-submit';
import { AccountNav } from './account-nav';
import { SignedOut } from './signed-out';
import { useLanguage } from '../language/language-provider';

export function OwnDataPage() {
  const { t } = useLanguage();
  if (!useIsSignedIn()) return <SignedOut title={t.ownData.title} />;
  return <OwnData />;
}

function OwnData() {
  const { t, format } = useLanguage();
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
    announce(t.ownData.saved);
  });
  const erase = async () => {
    erasure.set(await session.ask<Erasure>('/api/v1/me', { method: 'DELETE' }));
    announce(t.ownData.begun);
  };
  const { value } = erasure;
  return (
    <Page title={t.ownData.title} narrow>
      <AccountNav />
      <section aria-labelledby="export-heading">
        <h2 id="export-heading">{t.ownData.take}</h2>
        <p>{t.ownData.takeAbout}</p>
        {exporting.error !== undefined && <Failure error={exporting.error} what={t.parts.dataExport} />}
        {incomplete && incomplete.length > 0 && (
          <Notice tone="bad" title={t.ownData.incomplete(incomplete)}>
            <p>{t.ownData.incompleteAbout}</p>
          </Notice>
        )}
        <form onSubmit={exporting.onSubmit}>
          <button type="submit" disabled={exporting.isSending}>
            {exporting.isSending ? t.ownData.gathering : t.ownData.save}
          </button>
        </form>
      </section>
      <section aria-labelledby="erasure-heading">
        <h2 id="erasure-heading">{t.ownData.forget}</h2>
        {value ? (
          <Notice title={value.completedAt ? t.ownData.forgotten : t.ownData.beingForgotten}>
            <p>{t.ownData.askedFor(format.date(value.requestedAt))}</p>
            <ul className="plain">
              {value.services.map(({ service, answeredAt }) => (
                <li key={service}>
                  <span translate="no">{service}</span>
                  <span>{answeredAt ? t.ownData.done : t.ownData.notYet}</span>
                </li>
              ))}
            </ul>
            <button type="button" onClick={erasure.reload}>
              {t.shop.lookAgain}
            </button>
          </Notice>
        ) : (
          <>
            <p>{t.ownData.eraseAbout}</p>
            <ConfirmButton
              label={t.ownData.erase}
              question={t.ownData.eraseQuestion}
              yes={t.ownData.eraseYes}
              no={t.ownData.eraseNo}
              what={t.parts.erasure}
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
