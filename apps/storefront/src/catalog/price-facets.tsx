import { Link } from '../router/router';
import type { Query } from '../router/routes';
import type { PriceRange } from './find-products';
import { useLanguage } from '../language/language-provider';

interface PriceFacetsProps {
  readonly ranges: readonly PriceRange[];
  /** The page's query without prices. */
  readonly query: Query;
  readonly current: { readonly minPrice: string | undefined; readonly maxPrice: string | undefined };
}

/** Price ranges with their numbers of products; the selected one links back to all. */
export function PriceFacets({ ranges, query, current }: PriceFacetsProps) {
  const { t, format } = useLanguage();
  const textOf = ({ currency, from, to }: PriceRange): string => {
    const money = (amount: number) => format.money({ amount, currency });
    if (to === null) return t.catalog.priceFrom(money(from));
    return from === 0 ? t.catalog.priceUnder(money(to)) : t.catalog.priceBetween(money(from), money(to - 1));
  };
  const isChosen = current.minPrice !== undefined || current.maxPrice !== undefined;
  if (ranges.length < 2 && !isChosen) return null;
  return (
    <nav aria-label={t.catalog.prices} className="chips">
      <ul>
        {isChosen && (
          <li>
            <Link to="catalog" query={query}>
              {t.catalog.anyPrice}
            </Link>
          </li>
        )}
        {ranges.map((range) => {
          const prices = {
            minPrice: String(range.from),
            maxPrice: range.to === null ? undefined : String(range.to - 1),
          };
          const isCurrent = current.minPrice === prices.minPrice && current.maxPrice === prices.maxPrice;
          return (
            <li key={`${range.currency} ${range.from}`}>
              <Link
                to="catalog"
                query={{ ...query, currency: range.currency, ...prices }}
                aria-current={isCurrent ? 'true' : undefined}
              >
                {textOf(range)} ({format.count(range.count)})
              </Link>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
