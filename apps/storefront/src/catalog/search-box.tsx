import { type KeyboardEvent, type SyntheticEvent, useEffect, useId, useRef, useState } from 'react';
import { useRouter } from '../router/router';
import { hrefOf } from '../router/routes';
import { useShop } from '../shop';
import { categoryName } from '../ui/format';
import { useLanguage } from '../language/language-provider';

interface Suggestion {
  readonly kind: 'product' | 'category';
  readonly text: string;
  readonly slug: string;
}

/** Debounce delay before suggestions are requested. */
const restMs = 120;

/** Search with suggestions while typing: a combobox with a list (WAI-ARIA APG). It also works without suggestions. */
export function SearchBox() {
  const { t } = useLanguage();
  const { go, query, match, visit } = useRouter();
  const { ask } = useShop();
  const [words, setWords] = useState('');
  const [suggestions, setSuggestions] = useState<readonly Suggestion[]>([]);
  const [active, setActive] = useState(-1);
  const [isOpen, setIsOpen] = useState(false);
  const isTyping = useRef(false);
  const id = useId();

  // The URL contains the search words.
  const searched = match?.name === 'catalog' ? (query.get('q') ?? '') : '';
  useEffect(() => {
    isTyping.current = false;
    setWords(searched);
    setIsOpen(false);
  }, [searched, visit]);

  useEffect(() => {
    setActive(-1);
    const q = words.trim();
    if (!isTyping.current || q === '') return setSuggestions([]);
    const ending = new AbortController();
    const timer = setTimeout(() => {
      ask<{ items: Suggestion[] }>(`/api/v1/search/suggestions?${new URLSearchParams({ q, limit: '7' })}`, {
        signal: ending.signal,
      }).then(
        ({ items }) => {
          setSuggestions(items);
          setIsOpen(true);
        },
        () => ending.signal.aborted || setSuggestions([]),
      );
    }, restMs);
    return () => {
      clearTimeout(timer);
      ending.abort();
    };
  }, [words, ask]);

  const choose = ({ kind, slug }: Suggestion) =>
    go(kind === 'product' ? hrefOf('product', { slug }) : hrefOf('catalog', {}, { category: slug }));
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    const chosen = isOpen ? suggestions[active] : undefined;
    if (chosen) choose(chosen);
    else go(hrefOf('catalog', {}, { q: words.trim() }));
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'Escape') {
      if (isOpen && suggestions.length > 0) event.preventDefault();
      setIsOpen(false);
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined || suggestions.length === 0) return;
    event.preventDefault();
    setIsOpen(true);
    // One option more than there are suggestions: the words as typed.
    const places = suggestions.length + 1;
    setActive((present) => ((present + 1 + step + places) % places) - 1);
  };
  const isShown = isOpen && suggestions.length > 0;

  return (
    <form role="search" className="search" onSubmit={submit} onBlur={() => setIsOpen(false)}>
      <label htmlFor={`${id}-input`} className="unseen">
        {t.catalog.searchProducts}
      </label>
      <input
        id={`${id}-input`}
        type="search"
        name="q"
        value={words}
        placeholder={t.catalog.searchProducts}
        maxLength={100}
        autoComplete="off"
        role="combobox"
        aria-autocomplete="list"
        aria-expanded={isShown}
        aria-controls={`${id}-list`}
        aria-activedescendant={isShown && active >= 0 ? `${id}-${active}` : undefined}
        onChange={({ target }) => {
          isTyping.current = true;
          setWords(target.value);
        }}
        onKeyDown={onKey}
      />
      <ul id={`${id}-list`} role="listbox" aria-label={t.catalog.suggestions} hidden={!isShown}>
        {suggestions.map((suggestion, index) => (
          <li
            key={`${suggestion.kind} ${suggestion.slug}`}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === active}
            // The input keeps the focus, because losing it would close the list before the click.
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => choose(suggestion)}
          >
            {suggestion.kind === 'category' ? categoryName(suggestion.slug, t) : suggestion.text}
            {suggestion.kind === 'category' && <span className="muted"> {t.catalog.isCategory}</span>}
          </li>
        ))}
      </ul>
    </form>
  );
}
