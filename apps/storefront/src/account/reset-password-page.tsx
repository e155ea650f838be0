import { useState } from 'react';
import { isProblem } from '../api/problems';
import { send } from '../api/request';
import { Link, useRouter } from '../router/router';
import { Failure, Notice } from '../ui/notice';
import { Page } from '../ui/page';
import { TextField } from '../ui/text-field';
import { useSubmit } from '../ui/use-submit';

/** Has a link sent; where that link leads, asks for the new password. */
export function ResetPasswordPage() {
  const { fragment } = useRouter();
  const token = new URLSearchParams(fragment).get('token');
  return token === null ? <RequestLink /> : <NewPassword token={token} />;
}

function RequestLink() {
  const [isSent, setIsSent] = useState(false);
  const { isSending, error, onSubmit } = useSubmit(async ({ email = '' }) => {
    await send('/api/v1/auth/password/reset-requests', { method: 'POST', body: { email } });
    setIsSent(true);
  });
  return (
    <Page title="Set a new password" narrow>
      {error !== undefined && <Failure error={error} what="Sending the link" />}
      {isSent ? (
        <Notice tone="good" title="If there is an account with this address, a mail is on its way.">
          <p>Follow the link in it. If none comes, check the address, and ask again.</p>
        </Notice>
      ) : (
        <form className="form" onSubmit={onSubmit}>
          <TextField label="Email address" type="email" name="email" autoComplete="username" required />
          <button type="submit" className="primary" disabled={isSending}>
            Send me a link
          </button>
        </form>
      )}
    </Page>
  );
}

function NewPassword({ token }: { readonly token: string }) {
  const [isDone, setIsDone] = useState(false);
  const { isSending, error, onSubmit, problemOf } = useSubmit(async ({ newPassword = '' }) => {
    await send('/api/v1/auth/password/reset', { method: 'POST', body: { token, newPassword } });
    setIsDone(true);
  });
  if (isDone)
    return (
      <Page title="Your password is changed" narrow>
        <p>You are signed out everywhere.</p>
        <Link to="signIn" className="button primary">
          Sign in
        </Link>
      </Page>
    );
  const isFieldWrong = problemOf('newPassword') !== undefined;
  return (
    <Page title="Set a new password" narrow>
      {isProblem(error, 'gone') || (isProblem(error, 'invalid-request') && !isFieldWrong) ? (
        <Notice tone="bad" title="This link is no longer good.">
          <p>It may have been used already, or be too old. Have another one sent.</p>
          <Link to="resetPassword" className="button">
            Send me a link
          </Link>
        </Notice>
      ) : (
        error !== undefined && <Failure error={error} what="Changing the password" />
      )}
      <form className="form" onSubmit={onSubmit}>
        <TextField
          label="New password"
          hint="At least 8 characters; none that everybody thinks of."
          type="password"
          name="newPassword"
          autoComplete="new-password"
          minLength={8}
          maxLength={128}
          required
          problem={problemOf('newPassword')}
        />
        <button type="submit" className="primary" disabled={isSending}>
          Set password
        </button>
      </form>
    </Page>
  );
}
