import type { Product } from '../api/types';
import { useRouter } from '../router/router';
import { hrefOf, routes } from '../router/routes';
import { useShop } from '../shop';
import { useAnnounce } from '../ui/announcer';
import { ConfirmButton } from '../ui/confirm-button';
import { majorUnits, minorUnits } from '../ui/format';
import { Failure } from '../ui/notice';
import { TextField } from '../ui/text-field';
import { useLoad } from '../ui/use-load';
import { useSubmit } from '../ui/use-submit';
import { AdminPage } from './admin-page';
import { newProduct } from './catalog-admin-page';
import type { ProductDraft } from './types';

export function ProductFormPage({ slug }: { readonly slug: string }) {
  const { ask } = useShop();
  const isNew = slug === newProduct;
  const { value, error, reload } = useLoad(slug, (signal) =>
    isNew
      ? Promise.resolve(undefined)
      : ask<Product>(`/api/v1/products/${encodeURIComponent(slug)}`, { signal }),
  );
  return (
    <AdminPage title={isNew ? 'A new product' : (value?.name ?? 'Product')}>
      {error !== undefined && <Failure error={error} what="This product" retry={reload} />}
      {(isNew || value) && <ProductForm key={value?.version} {...(value && { product: value })} />}
    </AdminPage>
  );
}

const path = '/api/v1/products';

function ProductForm({ product }: { readonly product?: Product }) {
  const { session } = useShop();
  const { go } = useRouter();
  const announce = useAnnounce();
  // What was read is what is changed: somebody else's change meanwhile is refused, not overwritten.
  const ifMatch = product && { 'if-match': `"${product.version}"` };
  const { isSending, error, onSubmit, problemOf } = useSubmit(async (fields) => {
    const currency = fields['currency'] ?? '';
    const draft: ProductDraft = {
      sku: fields['sku'] ?? '',
      slug: fields['slug'] ?? '',
      name: fields['name'] ?? '',
      description: fields['description'] ?? '',
      category: fields['category'] ?? '',
      price: { amount: minorUnits(fields['price'] ?? '', currency), currency },
      ...(product && { imageUrl: product.imageUrl }),
    };
    const saved = await session.ask<Product>(
      product ? `${path}/${product.productId}` : path,
      product ? { method: 'PUT', body: draft, headers: ifMatch ?? {} } : { method: 'POST', body: draft },
    );
    announce(`${saved.name} is saved.`);
    go(hrefOf('adminCatalog', {}, { category: saved.category }));
  });
  const remove = async () => {
    await session.send(`${path}/${product?.productId}`, { method: 'DELETE', headers: ifMatch ?? {} });
    announce('The product is out of the catalog.');
    go(routes.adminCatalog);
  };
  const field = (name: string, label: string, value: string | undefined, more: object = {}) => (
    <TextField label={label} name={name} defaultValue={value} required problem={problemOf(name)} {...more} />
  );
  return (
    <>
      {error !== undefined && <Failure error={error} what="The product" />}
      <form className="form" onSubmit={onSubmit} aria-busy={isSending}>
        {field('name', 'Name', product?.name)}
        {field('sku', 'SKU', product?.sku, { hint: 'Capital letters, digits and dashes' })}
        {field('slug', 'Slug', product?.slug, { hint: 'In addresses: lower-case words joined by dashes' })}
        {field('category', 'Category', product?.category)}
        {field('description', 'Description', product?.description, { required: false })}
        {field('price', 'Price', product && majorUnits(product.price), { inputMode: 'decimal' })}
        {field('currency', 'Currency', product?.price.currency ?? 'EUR', { maxLength: 3 })}
        <button type="submit" className="primary" disabled={isSending}>
          {isSending ? 'Saving …' : 'Save'}
        </button>
      </form>
      {product && (
        <ConfirmButton
          label="Take it out of the catalog"
          question={`Take ${product.name} out of the catalog?`}
          yes="Yes, take it out"
          what="Taking it out"
          onConfirm={remove}
        />
      )}
    </>
  );
}
