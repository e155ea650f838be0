import { Link } from '../router/router';
import { useCartLines, useShop } from '../shop';
import { useAnnounce } from '../ui/announcer';
import { categoryName, formatMoney } from '../ui/format';
import { Notice } from '../ui/notice';
import { Page } from '../ui/page';
import { Picture } from '../ui/picture';
import { QuantityField } from '../ui/quantity-field';
import { type CartLine, countOf, totalOf } from './cart';
import { useCurrentPrices } from './use-current-prices';

export function CartPage() {
  const lines = useCartLines();
  const changes = useCurrentPrices(lines);
  const total = totalOf(lines);
  if (lines.length === 0)
    return (
      <Page title="Your cart is empty" narrow>
        <p>What you add stays here, also when you close this page.</p>
        <Link to="catalog" className="button primary">
          Look around
        </Link>
      </Page>
    );
  return (
    <Page title="Your cart">
      {changes.map(({ name, from, to }) => (
        <Notice key={name} title={`The price of ${name} has changed.`}>
          <p>
            It was {formatMoney(from)}, and is {formatMoney(to)} now. The total below has the present price.
          </p>
        </Notice>
      ))}
      <div className="columns">
        <ul className="lines">
          {lines.map((line) => (
            <Line key={line.productId} line={line} />
          ))}
        </ul>
        <section className="summary" aria-labelledby="summary-heading">
          <h2 id="summary-heading">Total</h2>
          {total ? (
            <>
              <p className="price large">{formatMoney(total)}</p>
              <p className="muted">
                {countOf(lines)} {countOf(lines) === 1 ? 'piece' : 'pieces'}
              </p>
              <Link to="checkout" className="button primary">
                Go to checkout
              </Link>
            </>
          ) : (
            <p>The prices are in several currencies. Order them apart: remove those of one.</p>
          )}
        </section>
      </div>
    </Page>
  );
}

function Line({ line }: { readonly line: CartLine }) {
  const { cart } = useShop();
  const announce = useAnnounce();
  const { productId, slug, name, category, price, quantity } = line;
  const remove = () => {
    cart.setQuantity(productId, 0);
    announce(`${name} was removed from the cart.`);
    // Its button is gone with it.
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
          {categoryName(category)} · {formatMoney(price)}
        </p>
      </div>
      <QuantityField
        label={`Quantity of ${name}`}
        isLabelUnseen
        value={quantity}
        onChange={(next) => cart.setQuantity(productId, next)}
      />
      <p className="price">{formatMoney({ ...price, amount: price.amount * quantity })}</p>
      <button type="button" className="quiet" onClick={remove}>
        Remove<span className="unseen"> {name}</span>
      </button>
    </li>
  );
}
