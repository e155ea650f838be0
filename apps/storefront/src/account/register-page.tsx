import { isProblem } from '../api/problems';
import { Link, useRouter } from '../router/router';
import { safePath } from '../router/routes';
import { useShop } from '../shop';
import { Failure, Notice } from '../ui/notice';
import { Page } from '../ui/page';
import { TextField } from '../ui/text-field';
import { useSubmit } from '../ui/use-submit';

export function RegisterPage() {
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
    <Page title="Create an account" narrow>
      {isProblem(error, 'already-exists') ? (
        <Notice tone="bad" title="An account with this email address already exists.">
          <Link to="signIn" query={{ next }} className="button">
            Sign in instead
          </Link>
        </Notice>
      ) : (
        error !== undefined && <Failure error={error} what="Registering" />
      )}
      <form className="form" onSubmit={onSubmit} aria-busy={isSending}>
        <TextField
          label="Your name"
          name="name"
          autoComplete="name"
          maxLength={100}
          required
          problem={problemOf('name')}
        />
        <TextField
          label="Email address"
          type="email"
          name="email"
          autoComplete="username"
          maxLength={254}
          required
          problem={problemOf('email')}
        />
        <TextField
          label="Password"
          hint="At least 8 characters; none that everybody thinks of."
          type="password"
          name="password"
          autoComplete="new-password"
          minLength={8}
          maxLength={128}
          required
          problem={problemOf('password')}
        />
        <button type="submit" className="primary" disabled={isSending}>
          {isSending ? 'Creating your account …' : 'Create account'}
        </button>
      </form>
      <p>
        Have one?{' '}
        <Link to="signIn" query={{ next }}>
          Sign in
        </Link>
      </p>
    </Page>
  );
}
