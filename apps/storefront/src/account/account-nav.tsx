import { Link, useRouter } from '../router/router';

const pages = [
  ['account', 'Profile'],
  ['addresses', 'Addresses'],
  ['sessions', 'Sessions'],
  ['ownData', 'Your data'],
] as const;

/** The pages about the person who is signed in. */
export function AccountNav() {
  const { match } = useRouter();
  return (
    <nav aria-label="Account" className="chips">
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
