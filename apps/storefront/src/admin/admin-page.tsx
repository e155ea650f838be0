import type { ReactNode } from 'react';
import { Link, useRouter } from '../router/router';
import { Page } from '../ui/page';

const pages = [
  ['adminCatalog', 'Catalog'],
  ['adminStock', 'Stock'],
  ['adminOrders', 'Orders'],
  ['adminPayments', 'Payments'],
  ['adminUsers', 'Users'],
  ['adminAudit', 'Audit'],
] as const;

export function AdminPage({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  const { match } = useRouter();
  return (
    <Page title={title}>
      <nav aria-label="Administration" className="chips">
        <ul>
          {pages.map(([to, name]) => (
            <li key={to}>
              <Link to={to} aria-current={match?.name === to ? 'page' : undefined}>
                {name}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      {children}
    </Page>
  );
}
