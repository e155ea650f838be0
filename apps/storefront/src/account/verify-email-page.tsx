import { useState } from 'react';
import { isProblem } from '../api/problems';
import { send } from '../api/request';
import { Link, useRouter } from '../router/router';
import { Failure, Notice } from '../ui/notice';
import { Page } from '../ui/page';
import { useSubmit } from '../ui/use-submit';

/** Where the link of the verification mail leads. Programs that look at links press no button, so the token stays good. */
export function VerifyEmailPage() {
  const { fragment } = useRouter();
  const [isDone, setIsDone] = useState(false);
  const { isSending, error, onSubmit } = useSubmit(async () => {
    const token = new URLSearchParams(fragment).get('token') ?? '';
    await send('/api/v1/auth/email/verify', { method: 'POST', body: { token } });
    setIsDone(true);
  });
  if (isDone)
    return (
      <Page title="Your address is confirmed" narrow>
        <Link to="catalog" className="button primary">
          Go to the catalog
        </Link>
      </Page>
    );
  return (
    <Page title="Confirm your email address" narrow>
      {isProblem(error, 'gone', 'invalid-request') ? (
        <Notice tone="bad" title="This link is no longer good.">
          <p>It may have been used already, or be too old.</p>
        </Notice>
      ) : (
        error !== undefined && <Failure error={error} what="Confirming" />
      )}
      <form onSubmit={onSubmit}>
        <button type="submit" className="primary" disabled={isSending}>
          Confirm my address
        </button>
      </form>
    </Page>
  );
}
