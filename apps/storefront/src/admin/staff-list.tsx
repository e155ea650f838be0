import type { ReactNode } from 'react';
import { isProblem } from '../api/problems';
import type { PageOf } from '../api/types';
import { useRouter } from '../router/router';
import { useShop } from '../shop';
import { Failure, Notice } from '../ui/notice';
import { useLoad } from '../ui/use-load';
import { useLanguage } from '../language/language-provider';

interface StaffListProps<T> {
  /** The path of the list, without its query. */
  readonly path: string;
  /** Query parameters of the page that are passed to the API unchanged. */
  readonly filters?: readonly string[];
  /** The list's name, to start a sentence. */
  readonly what: string;
  readonly keyOf: (item: T) => string;
  readonly children: (item: T, reload: () => void) => ReactNode;
}

/** A paginated list whose filters and cursor are in the page's URL. */
export function StaffList<T>({ path, filters = [], what, keyOf, children }: StaffListProps<T>) {
  const { t } = useLanguage();
  const { session } = useShop();
  const { query, path: here, go } = useRouter();
  const asked = new URLSearchParams({ limit: '20' });
  for (const name of [...filters, 'cursor']) {
    const value = query.get(name);
    if (value) asked.set(name, value);
  }
  const { value, error, isLoading, reload } = useLoad(`${path}?${asked}`, (signal) =>
    session.ask<PageOf<T>>(`${path}?${asked}`, { signal }),
  );
  const next =
    value?.next && new URLSearchParams(value.next.slice(value.next.indexOf('?') + 1)).get('cursor');
  const goTo = (cursor: string | undefined) => {
    const to = new URLSearchParams(query);
    if (cursor) to.set('cursor', cursor);
    else to.delete('cursor');
    go(`${here}?${to}`);
  };
  return (
    <>
      {error !== undefined &&
        (isProblem(error, 'forbidden') ? (
          <Notice tone="bad" title={t.staff.forStaff}>
            <p>{t.staff.forStaffAbout}</p>
          </Notice>
        ) : (
          <Failure error={error} what={what} retry={reload} />
        ))}
      {value?.items.length === 0 && <p>{t.staff.nothing}</p>}
      <ul className="rows" aria-busy={isLoading}>
        {value?.items.map((item) => (
          <li key={keyOf(item)}>{children(item, reload)}</li>
        ))}
      </ul>
      {(query.get('cursor') ?? next) && (
        <nav aria-label={t.shop.pages} className="pages">
          {query.get('cursor') && (
            <button type="button" onClick={() => goTo(undefined)}>
              {t.shop.firstPage}
            </button>
          )}
          {next && (
            <button type="button" onClick={() => goTo(next)}>
              {t.shop.nextPage}
            </button>
          )}
        </nav>
      )}
    </>
  );
}
