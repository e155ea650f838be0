import { useLanguage } from '../language/language-provider';
import { PageChips } from '../ui/page-chips';

const pages = ['account', 'addresses', 'sessions', 'ownData'] as const;

/** Links to the pages of the signed-in person's account. */
export function AccountNav() {
  const { t } = useLanguage();
  return <PageChips label={t.shop.account} pages={pages.map((page) => [page, t.account.pages[page]])} />;
}
