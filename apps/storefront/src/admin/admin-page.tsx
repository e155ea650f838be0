import type { ReactNode } from 'react';
import { Page } from '../ui/page';
import { PageChips } from '../ui/page-chips';

const pages = [
  ['adminCatalog', 'Catalog'],
  ['adminStock', 'Stock'],
  ['adminOrders', 'Orders'],
  ['adminPayments', 'Payments'],
  ['adminUsers', 'Users'],
  ['adminAudit', 'Audit'],
] as const;

export function AdminPage({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <Page title={title}>
      <PageChips label="Administration" pages={pages} />
      {children}
    </Page>
  );
}
