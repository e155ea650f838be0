import type { Product } from '../api/types';
import { Link } from '../router/router';
import { formatMoney } from '../ui/format';
import { AdminPage } from './admin-page';
import { FilterForm } from './filter-form';
import { StaffList } from './staff-list';
import { useRouter } from '../router/router';

/** The slug that stands for a product that is not there yet; no product may have it, as it ends in a dash. */
export const newProduct = 'new-';

export function CatalogAdminPage() {
  const { query } = useRouter();
  return (
    <AdminPage title="Catalog">
      <p>
        <Link to="adminProduct" params={{ slug: newProduct }} className="button primary">
          Add a product
        </Link>
      </p>
      <FilterForm>
        <label>
          <span>Category</span>
          <input name="category" defaultValue={query.get('category') ?? ''} />
        </label>
      </FilterForm>
      <StaffList<Product>
        path="/api/v1/products"
        filters={['category']}
        what="The catalog"
        keyOf={({ productId }) => productId}
      >
        {({ name, slug, sku, category, price }) => (
          <>
            <div>
              <h2>
                <Link to="adminProduct" params={{ slug }}>
                  {name}
                </Link>
              </h2>
              <p className="muted">
                {sku} · {category}
              </p>
            </div>
            <Link to="adminStock" query={{ sku }}>
              Stock<span className="unseen"> of {name}</span>
            </Link>
            <span className="price">{formatMoney(price)}</span>
          </>
        )}
      </StaffList>
    </AdminPage>
  );
}
