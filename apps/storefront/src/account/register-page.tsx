import { isProblem } from '../api/problems';
import { WithLink } from '../language/with-link';
import { Link, useRouter } from '../router/router';
import { safePath } from '../router/routes';
import { useShop } from '../shop';
import { Failure, Notice } from '../ui/notice';
import { Page } from '../ui/page';
import { TextField } from '../ui/text-field';
import { useSubmit } from '../ui/use-submit';
import { useLanguage } from '../language/language-provider';

export function RegisterPage() {
  const { t } = useLanguage();
  const { session } = useShop();
  const { go, query } = useRouter();
  const next = query.get('next') ?? undefined;
  const { isSending, error, onSubmit, problemOf } = useSubmit(
    async ({ name = '', email = '', password = '' }) => {
      await session.register({ name, email, password });
      go(safePath(next ?? null), { replace: true });
    },
  );
  return (
    <Page title={t.account.create} narrow>
      {isProblem(error, 'already-exists') ? (
        <Notice tone="bad" title={t.account.exists}>
          <Link to="signIn" query={{ next }} className="button">
            {t.account.signInInstead}
          </Link>
        </Notice>
      ) : (
        error !== undefined && <Failure error={error} what={t.parts.registering} />
      )}
      <form className="form" onSubmit={onSubmit} aria-busy={isSending}>
        <TextField
          label={t.account.yourName}
          name="name"
          autoComplete="name"
          maxLength={100}
          required
          problem={problemOf('name')}
        />
        <TextField
          label={t.account.email}
          type="email"
          name="email"
          autoComplete="username"
          maxLength={254}
          required
          problem={problemOf('email')}
        />
        <TextField
          label={t.account.password}
          hint={t.account.passwordHint}
          type="password"
          name="password"
          autoComplete="new-password"
          minLength={8}
          maxLength={128}
          required
          problem={problemOf('password')}
        />
        <button type="submit" className="primary" disabled={isSending}>
          {isSending ? t.account.creating : t.account.createNow}
        </button>
      </form>
      <p>
        <WithLink text={t.account.haveOne}>
          {(words) => (
            <Link to="signIn" query={{ next }}>
              {words}
            </Link>
          )}
        </WithLink>
      </p>
    </Page>
  );
}
