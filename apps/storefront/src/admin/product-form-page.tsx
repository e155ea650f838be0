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
import { useLanguage } from '../language/language-provider';

export function ProductFormPage({ slug }: { readonly slug: string }) {
  const { t } = useLanguage();
  const { ask } = useShop();
  const isNew = slug === newProduct;
  const { value, error, reload } = useLoad(slug, (signal) =>
    isNew
      ? Promise.resolve(undefined)
      : ask<Product>(`/api/v1/products/${encodeURIComponent(slug)}`, { signal }),
  );
  return (
    <AdminPage title={isNew ? t.staff.newProduct : (value?.name ?? t.staff.product)}>
      {error !== undefined && <Failure error={error} what={t.parts.product} retry={reload} />}
      {(isNew || value) && <ProductForm key={value?.version} {...(value && { product: value })} />}
    </AdminPage>
  );
}

const path = '/api/v1/products';

function ProductForm({ product }: { readonly product?: Product }) {
  const { t } = useLanguage();
  const { session } = useShop();
  const { go } = useRouter();
  const announce = useAnnounce();
  // Based on the version that was read: a concurrent change is rejected, not overwritten.
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
    announce(t.staff.productSaved(saved.name));
    go(hrefOf('adminCatalog', {}, { category: saved.category }));
  });
  const remove = async () => {
    await session.send(`${path}/${product?.productId}`, { method: 'DELETE', headers: ifMatch ?? {} });
    announce(t.staff.productOut);
    go(routes.adminCatalog);
  };
  const field = (name: string, label: string, value: string | undefined, more: object = {}) => (
    <TextField label={label} name={name} defaultValue={value} required problem={problemOf(name)} {...more} />
  );
  return (
    <>
      {error !== undefined && <Failure error={error} what={t.parts.theProduct} />}
      <form className="form" onSubmit={onSubmit} aria-busy={isSending}>
        {field('name', t.staff.name, product?.name)}
        {field('sku', t.staff.sku, product?.sku, { hint: t.staff.skuHint })}
        {field('slug', t.staff.slug, product?.slug, { hint: t.staff.slugHint })}
        {field('category', t.staff.category, product?.category)}
        {field('description', t.staff.description, product?.description, { required: false })}
        {field('price', t.staff.price, product && majorUnits(product.price), { inputMode: 'decimal' })}
        {field('currency', t.staff.currency, product?.price.currency ?? 'EUR', { maxLength: 3 })}
        <button type="submit" className="primary" disabled={isSending}>
          {isSending ? t.shop.saving : t.shop.save}
        </button>
      </form>
      {product && (
        <ConfirmButton
          label={t.staff.takeOut}
          question={t.staff.takeOutQuestion(product.name)}
          yes={t.staff.takeOutYes}
          what={t.parts.takingOut}
          onConfirm={remove}
        />
      )}
    </>
  );
}
