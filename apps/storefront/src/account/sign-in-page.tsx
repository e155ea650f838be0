import { WithLink } from '../language/with-link';
import { Link, useRouter } from '../router/router';
import { safePath } from '../router/routes';
import { useShop } from '../shop';
import { Failure } from '../ui/notice';
import { Page } from '../ui/page';
import { TextField } from '../ui/text-field';
import { useSubmit } from '../ui/use-submit';
import { useLanguage } from '../language/language-provider';

export function SignInPage() {
  const { t } = useLanguage();
  const { session } = useShop();
  const { go, query } = useRouter();
  const next = query.get('next') ?? undefined;
  const { isSending, error, onSubmit } = useSubmit(async ({ email = '', password = '' }) => {
    await session.signIn(email, password);
    go(safePath(next ?? null), { replace: true });
  });
  return (
    <Page title={t.account.signIn} narrow>
      {error !== undefined && <Failure error={error} what={t.parts.signingIn} />}
      <form className="form" onSubmit={onSubmit} aria-busy={isSending}>
        <TextField label={t.account.email} type="email" name="email" autoComplete="username" required />
        <TextField
          label={t.account.password}
          type="password"
          name="password"
          autoComplete="current-password"
          required
        />
        <button type="submit" className="primary" disabled={isSending}>
          {isSending ? t.account.signingIn : t.account.signIn}
        </button>
      </form>
      <p>
        <WithLink text={t.account.newHere}>
          {(words) => (
            <Link to="register" query={{ next }}>
              {words}
            </Link>
          )}
        </WithLink>
      </p>
      <p>
        <Link to="resetPassword">{t.account.forgotten}</Link>
      </p>
    </Page>
  );
}
