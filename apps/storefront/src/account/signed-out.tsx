import { Link, useRouter } from '../router/router';
import { Page } from '../ui/page';

/** In place of a page that shows what is somebody's. */
export function SignedOut({ title }: { readonly title: string }) {
  const { path } = useRouter();
  return (
    <Page title={title} narrow>
      <p>Sign in to see it.</p>
      <Link to="signIn" query={{ next: path }} className="button primary">
        Sign in
      </Link>
    </Page>
  );
}
