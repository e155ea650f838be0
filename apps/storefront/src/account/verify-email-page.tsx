import { useState } from 'react';
import { isProblem } from '../api/problems';
import { Link, useRouter } from '../router/router';
import { useShop } from '../shop';
import { Failure, Notice } from '../ui/notice';
import { Page } from '../ui/page';
import { useSubmit } from '../ui/use-submit';
import { useLanguage } from '../language/language-provider';

/** The target of the verification mail's link. Link scanners press no button, so the token stays valid. */
export function VerifyEmailPage() {
  const { t } = useLanguage();
  const { send } = useShop();
  const { fragment } = useRouter();
  const [isDone, setIsDone] = useState(false);
  const { isSending, error, onSubmit } = useSubmit(async () => {
    const token = new URLSearchParams(fragment).get('token') ?? '';
    await send('/api/v1/auth/email/verify', { method: 'POST', body: { token } });
    setIsDone(true);
  });
  if (isDone)
    return (
      <Page title={t.account.emailConfirmed} narrow>
        <Link to="catalog" className="button primary">
          {t.shop.toCatalog}
        </Link>
      </Page>
    );
  return (
    <Page title={t.account.confirmEmail} narrow>
      {isProblem(error, 'gone', 'invalid-request') ? (
        <Notice tone="bad" title={t.account.linkBad}>
          <p>{t.account.linkBadAbout}</p>
        </Notice>
      ) : (
        error !== undefined && <Failure error={error} what={t.parts.confirmingEmail} />
      )}
      <form onSubmit={onSubmit}>
        <button type="submit" className="primary" disabled={isSending}>
          {t.account.confirmEmailNow}
        </button>
      </form>
    </Page>
  );
}
