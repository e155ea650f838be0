import { Link, useRouter } from '../router/router';
import { Page } from '../ui/page';
import { useLanguage } from '../language/language-provider';

/** In place of a page that shows what is somebody's. */
export function SignedOut({ title }: { readonly title: string }) {
  const { t } = useLanguage();
  const { path } = useRouter();
  return (
    <Page title={title} narrow>
      <p>{t.shop.signInToSee}</p>
      <Link to="signIn" query={{ next: path }} className="button primary">
        {t.shop.signIn}
      </Link>
    </Page>
  );
}
