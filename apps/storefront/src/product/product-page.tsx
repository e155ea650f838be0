import { useState } from 'react';
import { isProblem } from '../api/problems';
import type { ProductPage as ProductWithStock } from '../api/types';
import { maxLines } from '../cart/cart';
import { Link } from '../router/router';
import { useCartLines, useShop } from '../shop';
import { useAnnounce } from '../ui/announcer';
import { categoryName, formatMoney } from '../ui/format';
import { Failure, Notice } from '../ui/notice';
import { Page } from '../ui/page';
import { Picture } from '../ui/picture';
import { QuantityField } from '../ui/quantity-field';
import { useLoad } from '../ui/use-load';
import { stockText } from './stock-text';

export function ProductPage({ slug }: { readonly slug: string }) {
  const { ask } = useShop();
  const { value, error, reload } = useLoad(slug, (signal) =>
    ask<ProductWithStock>(`/api/v1/products/${encodeURIComponent(slug)}`, { signal }),
  );
  if (isProblem(error, 'not-found', 'invalid-request'))
    return (
      <Page title="This product is not in the catalog" narrow>
        <p>It may have been taken out since you last saw it.</p>
        <Link to="catalog" className="button primary">
          Go to the catalog
        </Link>
      </Page>
    );
  return (
    <Page title={value?.name ?? (error === undefined ? 'Loading …' : 'A product')}>
      {error !== undefined && <Failure error={error} what="This product" retry={reload} />}
      {value && <Product product={value} />}
    </Page>
  );
}

function Product({ product }: { readonly product: ProductWithStock }) {
  const { availability, category, description, price } = product;
  const isSoldOut = availability.status === 'out-of-stock';
  return (
    <div className="product">
      <Picture category={category} seed={product.slug} />
      <div className="product-facts">
        <p className="price large">{formatMoney(price)}</p>
        <p className={`stock ${availability.status}`}>{stockText(availability)}</p>
        <p>{description}</p>
        {isSoldOut ? (
          <Link to="catalog" query={{ category }} className="button">
            See others in {categoryName(category)}
          </Link>
        ) : (
          <AddToCart product={product} />
        )}
        <dl className="facts">
          <div>
            <dt>Department</dt>
            <dd>
              <Link to="catalog" query={{ category }}>
                {categoryName(category)}
              </Link>
            </dd>
          </div>
          <div>
            <dt>Article</dt>
            <dd>{product.sku}</dd>
          </div>
        </dl>
      </div>
    </div>
  );
}

function AddToCart({ product }: { readonly product: ProductWithStock }) {
  const { cart } = useShop();
  const lines = useCartLines();
  const announce = useAnnounce();
  const [quantity, setQuantity] = useState(1);
  const inCart = lines.find(({ productId }) => productId === product.productId)?.quantity ?? 0;
  const isFull = inCart === 0 && lines.length >= maxLines;
  const add = () => {
    const { productId, slug, name, category, price } = product;
    cart.add({ productId, slug, name, category, price }, quantity);
    announce(`${name} was added to the cart.`);
  };
  if (isFull)
    return (
      <Notice title={`An order takes ${maxLines} different products, and the cart has as many.`}>
        <Link to="cart" className="button">
          Go to the cart
        </Link>
      </Notice>
    );
  return (
    <>
      <div className="add">
        <QuantityField label="Quantity" value={quantity} onChange={setQuantity} />
        <button type="button" className="primary" onClick={add}>
          Add to cart
        </button>
      </div>
      {inCart > 0 && (
        <p className="in-cart">
          {inCart} in your cart. <Link to="cart">Go to the cart</Link>
        </p>
      )}
    </>
  );
}
