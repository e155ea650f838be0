import { Link, useRouter } from '../router/router';
import { Page } from '../ui/page';
import { useLanguage } from '../language/language-provider';

/** Shown instead of a page with personal data. */
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
