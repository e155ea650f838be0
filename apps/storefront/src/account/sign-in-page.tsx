import { Link, useRouter } from '../router/router';
import { safePath } from '../router/routes';
import { useShop } from '../shop';
import { Failure } from '../ui/notice';
import { Page } from '../ui/page';
import { TextField } from '../ui/text-field';
import { useSubmit } from '../ui/use-submit';

export function SignInPage() {
  const { session } = useShop();
  const { go, query } = useRouter();
  const next = query.get('next') ?? undefined;
  const { isSending, error, onSubmit } = useSubmit(async ({ email = '', password = '' }) => {
    await session.signIn(email, password);
    go(safePath(next ?? null), { replace: true });
  });
  return (
    <Page title="Sign in" narrow>
      {error !== undefined && <Failure error={error} what="Signing in" />}
      <form className="form" onSubmit={onSubmit} aria-busy={isSending}>
        <TextField label="Email address" type="email" name="email" autoComplete="username" required />
        <TextField
          label="Password"
          type="password"
          name="password"
          autoComplete="current-password"
          required
        />
        <button type="submit" className="primary" disabled={isSending}>
          {isSending ? 'Signing in …' : 'Sign in'}
        </button>
      </form>
      <p>
        New here?{' '}
        <Link to="register" query={{ next }}>
          Create an account
        </Link>
      </p>
      <p>
        <Link to="resetPassword">Forgotten your password?</Link>
      </p>
    </Page>
  );
}
