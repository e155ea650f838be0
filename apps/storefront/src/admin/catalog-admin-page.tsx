import type { Product } from '../api/types';
import { Link } from '../router/router';
import { categoryName } from '../ui/format';
import { AdminPage } from './admin-page';
import { FilterForm } from './filter-form';
import { StaffList } from './staff-list';
import { useRouter } from '../router/router';
import { useLanguage } from '../language/language-provider';

/** Placeholder slug of a new product; no product can have it, as it ends in a dash. */
export const newProduct = 'new-';

export function CatalogAdminPage() {
  const { t, format } = useLanguage();
  const { query } = useRouter();
  return (
    <AdminPage title={t.staff.pages.adminCatalog}>
      <p>
        <Link to="adminProduct" params={{ slug: newProduct }} className="button primary">
          {t.staff.addProduct}
        </Link>
      </p>
      <FilterForm>
        <label>
          <span>{t.staff.category}</span>
          <input name="category" defaultValue={query.get('category') ?? ''} />
        </label>
      </FilterForm>
      <StaffList<Product>
        path="/api/v1/products"
        filters={['category']}
        what={t.parts.catalog}
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
                <span translate="no">{sku}</span> · {categoryName(category, t)}
              </p>
            </div>
            <Link to="adminStock" query={{ sku }}>
              {t.staff.stockLink}
              <span className="unseen"> {t.staff.of(name)}</span>
            </Link>
            <span className="price">{format.money(price)}</span>
          </>
        )}
      </StaffList>
    </AdminPage>
  );
}
