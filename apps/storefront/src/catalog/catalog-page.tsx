import { Link, useRouter } from '../router/router';
import { hrefOf } from '../router/routes';
import { useShop } from '../shop';
import { categoryName } from '../ui/format';
import { Failure, Notice } from '../ui/notice';
import { Page } from '../ui/page';
import { useLoad } from '../ui/use-load';
import { CategoryNav } from './category-nav';
import { findProducts, sorts } from './find-products';
import { PriceFacets } from './price-facets';
import { ProductGrid } from './product-grid';
import { useLanguage } from '../language/language-provider';

/** The catalog, a category of it, or search results. */
export function CatalogPage() {
  const { t } = useLanguage();
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
  const title = q ? t.catalog.resultsFor(q) : category ? categoryName(category, t) : t.catalog.home;

  return (
    <Page title={title} lead={isHome ? t.catalog.lead : undefined}>
      <CategoryNav {...(category === undefined ? {} : { current: category })} withPictures={isHome} />
      <section aria-labelledby="products-heading" aria-busy={isLoading}>
        <div className="bar">
          <h2 id="products-heading">{isHome ? t.catalog.allProducts : t.catalog.products}</h2>
          <p className="muted" role="status">
            {value && value.total !== null && t.catalog.found(value.total)}
          </p>
          {!value?.isPlain && (
            <label className="sort">
              <span>{t.catalog.sortBy}</span>
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
                      {t.catalog.sort[name]}
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
          <Notice title={t.catalog.searchDown}>
            <p>{t.catalog.searchDownAbout}</p>
          </Notice>
        )}
        {error !== undefined && (
          <Failure error={error} what={q ? t.parts.search : t.parts.catalog} retry={reload} />
        )}
        {value?.items.length === 0 && (
          <Notice title={q ? t.catalog.nothingFoundFor(q) : t.catalog.nothingInCategory}>
            <p>{t.catalog.nothingAbout}</p>
            <Link to="catalog" className="button">
              {t.catalog.showEverything}
            </Link>
          </Notice>
        )}
        {error === undefined && <ProductGrid items={value?.items} />}
        {value && (cursor || value.next) && (
          <nav aria-label={t.shop.pages} className="pages">
            {cursor && (
              <Link to="catalog" query={{ q, category, sort, ...prices }} className="button">
                {t.shop.firstPage}
              </Link>
            )}
            {value.next && (
              <Link
                to="catalog"
                query={{ q, category, sort, ...prices, cursor: value.next }}
                className="button"
              >
                {t.shop.nextPage}
              </Link>
            )}
          </nav>
        )}
      </section>
    </Page>
  );
}
