import { Link, useRouter } from '../router/router';
import type { PlainRouteName } from '../router/routes';

export interface PageChipsProps {
  readonly label: string;
  /** Each with the name to show. */
  readonly pages: readonly (readonly [PlainRouteName, string])[];
}

/** Links to pages that belong together, of which one may be the present one. */
export function PageChips({ label, pages }: PageChipsProps) {
  const { match } = useRouter();
  return (
    <nav aria-label={label} className="chips">
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
  );
}
