import { useState } from 'react';
import { isProblem } from '../api/problems';
import type { ProductPage as ProductWithStock } from '../api/types';
import { maxLines } from '../cart/cart';
import { dataLanguage } from '../language/language';
import { WithLink } from '../language/with-link';
import { Link } from '../router/router';
import { useCartLines, useShop } from '../shop';
import { useAnnounce } from '../ui/announcer';
import { categoryName } from '../ui/format';
import { Failure, Notice } from '../ui/notice';
import { Page } from '../ui/page';
import { Picture } from '../ui/picture';
import { QuantityField } from '../ui/quantity-field';
import { useLoad } from '../ui/use-load';
import { stockText } from './stock-text';
import { useLanguage } from '../language/language-provider';

export function ProductPage({ slug }: { readonly slug: string }) {
  const { t } = useLanguage();
  const { ask } = useShop();
  const { value, error, reload } = useLoad(slug, (signal) =>
    ask<ProductWithStock>(`/api/v1/products/${encodeURIComponent(slug)}`, { signal }),
  );
  if (isProblem(error, 'not-found', 'invalid-request'))
    return (
      <Page title={t.product.gone} narrow>
        <p>{t.product.goneAbout}</p>
        <Link to="catalog" className="button primary">
          {t.shop.toCatalog}
        </Link>
      </Page>
    );
  return (
    <Page title={value?.name ?? (error === undefined ? t.shop.loading : t.product.unnamed)}>
      {error !== undefined && <Failure error={error} what={t.parts.product} retry={reload} />}
      {value && <Product product={value} />}
    </Page>
  );
}

function Product({ product }: { readonly product: ProductWithStock }) {
  const { t, format } = useLanguage();
  const { availability, category, description, price } = product;
  const isSoldOut = availability.status === 'out-of-stock';
  return (
    <div className="product">
      <Picture category={category} seed={product.slug} />
      <div className="product-facts">
        <p className="price large">{format.money(price)}</p>
        <p className={`stock ${availability.status}`}>{stockText(availability, t)}</p>
        <p lang={dataLanguage}>{description}</p>
        {isSoldOut ? (
          <Link to="catalog" query={{ category }} className="button">
            {t.product.othersIn(categoryName(category, t))}
          </Link>
        ) : (
          <AddToCart product={product} />
        )}
        <dl className="facts">
          <div>
            <dt>{t.product.department}</dt>
            <dd>
              <Link to="catalog" query={{ category }}>
                {categoryName(category, t)}
              </Link>
            </dd>
          </div>
          <div>
            <dt>{t.product.article}</dt>
            <dd translate="no">{product.sku}</dd>
          </div>
        </dl>
      </div>
    </div>
  );
}

function AddToCart({ product }: { readonly product: ProductWithStock }) {
  const { t } = useLanguage();
  const { cart } = useShop();
  const lines = useCartLines();
  const announce = useAnnounce();
  const [quantity, setQuantity] = useState(1);
  const inCart = lines.find(({ productId }) => productId === product.productId)?.quantity ?? 0;
  const isFull = inCart === 0 && lines.length >= maxLines;
  const add = () => {
    const { productId, slug, name, category, price } = product;
    cart.add({ productId, slug, name, category, price }, quantity);
    announce(t.product.added(name));
  };
  if (isFull)
    return (
      <Notice title={t.product.cartFull(maxLines)}>
        <Link to="cart" className="button">
          {t.shop.toCart}
        </Link>
      </Notice>
    );
  return (
    <>
      <div className="add">
        <QuantityField label={t.product.quantity} value={quantity} onChange={setQuantity} />
        <button type="button" className="primary" onClick={add}>
          {t.product.addToCart}
        </button>
      </div>
      {inCart > 0 && (
        <p className="in-cart">
          <WithLink text={t.product.inCart(inCart)}>{(words) => <Link to="cart">{words}</Link>}</WithLink>
        </p>
      )}
    </>
  );
}
