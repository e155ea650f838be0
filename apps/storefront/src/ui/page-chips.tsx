import { Link, useRouter } from '../router/router';
import type { PlainRouteName } from '../router/routes';

export interface PageChipsProps {
  readonly label: string;
  /** Each with its label. */
  readonly pages: readonly (readonly [PlainRouteName, string])[];
}

/** Links to related pages, one of which may be the current one. */
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
