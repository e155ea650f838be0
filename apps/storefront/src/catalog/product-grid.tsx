import type { Product, SearchHit } from '../api/types';
import { Link } from '../router/router';
import { categoryName } from '../ui/format';
import { Picture } from '../ui/picture';
import { useLanguage } from '../language/language-provider';

/** Products as cards; while they are loading, the same number of empty ones, so that the layout does not shift. */
export function ProductGrid({ items }: { readonly items: readonly (Product | SearchHit)[] | undefined }) {
  const { t, format } = useLanguage();
  if (!items)
    return (
      <ul className="grid" aria-hidden="true">
        {Array.from({ length: 12 }, (_none, index) => (
          <li key={index} className="card ghost">
            <div className="picture" />
            <span>&nbsp;</span>
            <span>&nbsp;</span>
          </li>
        ))}
      </ul>
    );
  return (
    <ul className="grid">
      {items.map((product) => (
        <li key={product.productId} className="card">
          <Picture category={product.category} seed={product.slug} />
          <h3>
            <Link to="product" params={{ slug: product.slug }}>
              {product.name}
            </Link>
          </h3>
          <p className="muted">{categoryName(product.category, t)}</p>
          <p className="price">
            {format.money(product.price)}
            {'inStock' in product && product.inStock === false && (
              <span className="tag">{t.catalog.soldOut}</span>
            )}
          </p>
        </li>
      ))}
    </ul>
  );
}
