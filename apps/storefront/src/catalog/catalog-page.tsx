import { Link, useRouter } from '../router/router';
import { hrefOf } from '../router/routes';
import { useShop } from '../shop';
import { categoryName, formatCount } from '../ui/format';
import { Failure, Notice } from '../ui/notice';
import { Page } from '../ui/page';
import { useLoad } from '../ui/use-load';
import { CategoryNav } from './category-nav';
import { findProducts, sorts } from './find-products';
import { PriceFacets } from './price-facets';
import { ProductGrid } from './product-grid';

const sortNames: Readonly<Record<(typeof sorts)[number], string>> = {
  relevance: 'Best match',
  name: 'Name',
  price: 'Price, low to high',
  '-price': 'Price, high to low',
  newest: 'Newest',
};

/** The catalog, a category of it, or what was found. */
export function CatalogPage() {
  const { query, go } = useRouter();
  const { ask } = useShop();
  const [q, category, sort, cursor, currency, minPrice, maxPrice] = [
    'q',
    'category',
    'sort',
    'cursor',
    'currency',
    'minPrice',
    'maxPrice',
  ].map((name) => query.get(name) || undefined);
  const prices = { currency, minPrice, maxPrice };
  const { value, error, isLoading, reload } = useLoad(query.toString(), (signal) =>
    findProducts(ask, { q, category, sort, cursor, ...prices }, signal),
  );
  const isHome = !q && !category && !cursor && !sort && !minPrice && !maxPrice;
  const title = q ? `Results for “${q}”` : category ? categoryName(category) : 'Things for an ordinary home';

  return (
    <Page
      title={title}
      lead={isHome ? 'Made to be used, kept and repaired. Twelve small departments, one cart.' : undefined}
    >
      <CategoryNav {...(category === undefined ? {} : { current: category })} withPictures={isHome} />
      <section aria-labelledby="products-heading" aria-busy={isLoading}>
        <div className="bar">
          <h2 id="products-heading">{isHome ? 'All products' : 'Products'}</h2>
          <p className="muted" role="status">
            {value && value.total !== null && count(value.total)}
          </p>
          {!value?.isPlain && (
            <label className="sort">
              <span>Sort by</span>
              <select
                value={sort ?? (q ? 'relevance' : 'name')}
                onChange={({ target }) =>
                  go(hrefOf('catalog', {}, { q, category, ...prices, sort: target.value }))
                }
              >
                {sorts
                  .filter((name) => q !== undefined || name !== 'relevance')
                  .map((name) => (
                    <option key={name} value={name}>
                      {sortNames[name]}
                    </option>
                  ))}
              </select>
            </label>
          )}
        </div>
        {value && (
          <PriceFacets ranges={value.prices} query={{ q, category, sort }} current={{ minPrice, maxPrice }} />
        )}
        {value?.isPlain && (
          <Notice title="Search is unavailable at the moment.">
            <p>These are the newest products. Browse by category, or search again in a while.</p>
          </Notice>
        )}
        {error !== undefined && <Failure error={error} what={q ? 'Search' : 'The catalog'} retry={reload} />}
        {value?.items.length === 0 && (
          <Notice title={q ? `Nothing was found for “${q}”.` : 'There is nothing in this category.'}>
            <p>Try fewer or other words, or look through a category.</p>
            <Link to="catalog" className="button">
              Show everything
            </Link>
          </Notice>
        )}
        {error === undefined && <ProductGrid items={value?.items} />}
        {value && (cursor || value.next) && (
          <nav aria-label="Pages" className="pages">
            {cursor && (
              <Link to="catalog" query={{ q, category, sort, ...prices }} className="button">
                First page
              </Link>
            )}
            {value.next && (
              <Link
                to="catalog"
                query={{ q, category, sort, ...prices, cursor: value.next }}
                className="button"
              >
                Next page
              </Link>
            )}
          </nav>
        )}
      </section>
    </Page>
  );
}

const count = (total: number) => `${formatCount(total)} ${total === 1 ? 'product' : 'products'}`;
