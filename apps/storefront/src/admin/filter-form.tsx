import type { ReactNode } from 'react';
import { useRouter } from '../router/router';
import { useLanguage } from '../language/language-provider';

/** Writes its fields into the page's URL, from which the list reads them. */
export function FilterForm({ children }: { readonly children: ReactNode }) {
  const { t } = useLanguage();
  const { path, go } = useRouter();
  return (
    <form
      className="filter"
      role="search"
      aria-label={t.staff.filter}
      onSubmit={(event) => {
        event.preventDefault();
        const given = [...new FormData(event.currentTarget)].filter(([, value]) => value !== '');
        go(`${path}?${new URLSearchParams(given as [string, string][])}`);
      }}
    >
      {children}
      <button type="submit">{t.staff.show}</button>
    </form>
  );
}

/** A select for a state, or any. */
export function StateFilter({
  name,
  label,
  states,
}: {
  readonly name: string;
  readonly label: string;
  readonly states: readonly string[];
}) {
  const { t } = useLanguage();
  const { query } = useRouter();
  return (
    <label>
      <span>{label}</span>
      <select name={name} defaultValue={query.get(name) ?? ''}>
        <option value="">{t.staff.any}</option>
        {states.map((state) => (
          <option key={state} translate="no">
            {state}
          </option>
        ))}
      </select>
    </label>
  );
}
