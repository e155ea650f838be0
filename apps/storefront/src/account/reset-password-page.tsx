import { useState } from 'react';
import { isProblem } from '../api/problems';
import { Link, useRouter } from '../router/router';
import { useShop } from '../shop';
import { Failure, Notice } from '../ui/notice';
import { Page } from '../ui/page';
import { TextField } from '../ui/text-field';
import { useSubmit } from '../ui/use-submit';
import { useLanguage } from '../language/language-provider';

/** Requests a reset link; opened through that link, it asks for the new password. */
export function ResetPasswordPage() {
  const { fragment } = useRouter();
  const token = new URLSearchParams(fragment).get('token');
  return token === null ? <RequestLink /> : <NewPassword token={token} />;
}

function RequestLink() {
  const { t } = useLanguage();
  const { send } = useShop();
  const [isSent, setIsSent] = useState(false);
  const { isSending, error, onSubmit } = useSubmit(async ({ email = '' }) => {
    await send('/api/v1/auth/password/reset-requests', { method: 'POST', body: { email } });
    setIsSent(true);
  });
  return (
    <Page title={t.account.setPassword} narrow>
      {error !== undefined && <Failure error={error} what={t.parts.sendingLink} />}
      {isSent ? (
        <Notice tone="good" title={t.account.linkSent}>
          <p>{t.account.linkSentAbout}</p>
        </Notice>
      ) : (
        <form className="form" onSubmit={onSubmit}>
          <TextField label={t.account.email} type="email" name="email" autoComplete="username" required />
          <button type="submit" className="primary" disabled={isSending}>
            {t.account.sendLink}
          </button>
        </form>
      )}
    </Page>
  );
}

function NewPassword({ token }: { readonly token: string }) {
  const { t } = useLanguage();
  const { send } = useShop();
  const [isDone, setIsDone] = useState(false);
  const { isSending, error, onSubmit, problemOf } = useSubmit(async ({ newPassword = '' }) => {
    await send('/api/v1/auth/password/reset', { method: 'POST', body: { token, newPassword } });
    setIsDone(true);
  });
  if (isDone)
    return (
      <Page title={t.account.passwordChanged} narrow>
        <p>{t.account.signedOutEverywhere}</p>
        <Link to="signIn" className="button primary">
          {t.account.signIn}
        </Link>
      </Page>
    );
  const isFieldWrong = problemOf('newPassword') !== undefined;
  return (
    <Page title={t.account.setPassword} narrow>
      {isProblem(error, 'gone') || (isProblem(error, 'invalid-request') && !isFieldWrong) ? (
        <Notice tone="bad" title={t.account.linkBad}>
          <p>{t.account.anotherLink}</p>
          <Link to="resetPassword" className="button">
            {t.account.sendLink}
          </Link>
        </Notice>
      ) : (
        error !== undefined && <Failure error={error} what={t.parts.changingPassword} />
      )}
      <form className="form" onSubmit={onSubmit}>
        <TextField
          label={t.account.newPassword}
          hint={t.account.passwordHint}
          type="password"
          name="newPassword"
          autoComplete="new-password"
          minLength={8}
          maxLength={128}
          required
          problem={problemOf('newPassword')}
        />
        <button type="submit" className="primary" disabled={isSending}>
          {t.account.setPasswordNow}
        </button>
      </form>
    </Page>
  );
}
