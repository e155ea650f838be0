import type { ReactNode } from 'react';
import { useLanguage } from '../language/language-provider';
import { Page } from '../ui/page';
import { PageChips } from '../ui/page-chips';

const pages = [
  'adminCatalog',
  'adminStock',
  'adminOrders',
  'adminPayments',
  'adminUsers',
  'adminAudit',
] as const;

export function AdminPage({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  const { t } = useLanguage();
  return (
    <Page title={title}>
      <PageChips label={t.staff.title} pages={pages.map((page) => [page, t.staff.pages[page]])} />
      {children}
    </Page>
  );
}
