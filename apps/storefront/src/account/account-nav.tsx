import { useLanguage } from '../language/language-provider';
import { PageChips } from '../ui/page-chips';

const pages = ['account', 'addresses', 'sessions', 'ownData'] as const;

/** The pages about the person who is signed in. */
export function AccountNav() {
  const { t } = useLanguage();
  return <PageChips label={t.shop.account} pages={pages.map((page) => [page, t.account.pages[page]])} />;
}
