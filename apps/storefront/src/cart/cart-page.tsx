import { Link } from '../router/router';
import { useCartLines, useShop } from '../shop';
import { useAnnounce } from '../ui/announcer';
import { categoryName } from '../ui/format';
import { Notice } from '../ui/notice';
import { Page } from '../ui/page';
import { Picture } from '../ui/picture';
import { QuantityField } from '../ui/quantity-field';
import { type CartLine, countOf, totalOf } from './cart';
import { useCurrentPrices } from './use-current-prices';
import { useLanguage } from '../language/language-provider';

export function CartPage() {
  const { t, format } = useLanguage();
  const lines = useCartLines();
  const changes = useCurrentPrices(lines);
  const total = totalOf(lines);
  if (lines.length === 0)
    return (
      <Page title={t.cart.empty} narrow>
        <p>{t.cart.emptyAbout}</p>
        <Link to="catalog" className="button primary">
          {t.shop.lookAround}
        </Link>
      </Page>
    );
  return (
    <Page title={t.cart.title}>
      {changes.map(({ name, from, to }) => (
        <Notice key={name} title={t.cart.priceChanged(name)}>
          <p>{t.cart.priceChangedAbout(format.money(from), format.money(to))}</p>
        </Notice>
      ))}
      <div className="columns">
        <ul className="lines">
          {lines.map((line) => (
            <Line key={line.productId} line={line} />
          ))}
        </ul>
        <section className="summary" aria-labelledby="summary-heading">
          <h2 id="summary-heading">{t.shop.total}</h2>
          {total ? (
            <>
              <p className="price large">{format.money(total)}</p>
              <p className="muted">{t.cart.pieces(countOf(lines))}</p>
              <Link to="checkout" className="button primary">
                {t.cart.toCheckout}
              </Link>
            </>
          ) : (
            <p>{t.cart.severalCurrencies}</p>
          )}
        </section>
      </div>
    </Page>
  );
}

function Line({ line }: { readonly line: CartLine }) {
  const { t, format } = useLanguage();
  const { cart } = useShop();
  const announce = useAnnounce();
  const { productId, slug, name, category, price, quantity } = line;
  const remove = () => {
    cart.setQuantity(productId, 0);
    announce(t.cart.removed(name));
    // Its button was removed with the line.
    document.querySelector('h1')?.focus();
  };
  return (
    <li className="line">
      <Picture category={category} seed={slug} />
      <div className="line-name">
        <h2>
          <Link to="product" params={{ slug }}>
            {name}
          </Link>
        </h2>
        <p className="muted">
          {categoryName(category, t)} · {format.money(price)}
        </p>
      </div>
      <QuantityField
        label={t.cart.quantityOf(name)}
        isLabelUnseen
        value={quantity}
        onChange={(next) => cart.setQuantity(productId, next)}
      />
      <p className="price">{format.money({ ...price, amount: price.amount * quantity })}</p>
      <button type="button" className="quiet" onClick={remove}>
        {t.cart.remove}
        <span className="unseen"> {name}</span>
      </button>
    </li>
  );
}
