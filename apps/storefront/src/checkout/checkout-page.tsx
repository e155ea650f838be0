import { useEffect, useRef, useState } from 'react';
import type { CartLine } from '../cart/cart';
import { totalOf } from '../cart/cart';
import { Link, useRouter } from '../router/router';
import { hrefOf } from '../router/routes';
import { useCartLines, useIsSignedIn, useShop } from '../shop';
import { useAnnounce } from '../ui/announcer';
import { formatMoney } from '../ui/format';
import { Notice } from '../ui/notice';
import { Page } from '../ui/page';
import type { Outcome } from './checkout';
import { Obstacle } from './obstacle';
import { paymentMethods } from './payment-methods';

export function CheckoutPage() {
  const isSignedIn = useIsSignedIn();
  const lines = useCartLines();
  const { checkout } = useShop();
  // One that was sent goes on, whatever the cart holds by now.
  const [wasSent] = useState(() => checkout.open().sent !== null);
  if (!isSignedIn)
    return (
      <Page title="Checkout" narrow>
        <p>To order, the shop has to know whose order it is. Your cart stays as it is.</p>
        <div className="actions">
          <Link to="signIn" query={{ next: '/checkout' }} className="button primary">
            Sign in
          </Link>
          <Link to="register" query={{ next: '/checkout' }} className="button">
            Create an account
          </Link>
        </div>
      </Page>
    );
  return <Order lines={lines} wasSent={wasSent} />;
}

function Order({ lines, wasSent }: { readonly lines: readonly CartLine[]; readonly wasSent: boolean }) {
  const { checkout } = useShop();
  const { go } = useRouter();
  const announce = useAnnounce();
  const [attempt, setAttempt] = useState(() => checkout.open());
  const [method, setMethod] = useState<string>(paymentMethods[0].token);
  const [isPlacing, setIsPlacing] = useState(false);
  const [outcome, setOutcome] = useState<Outcome>();
  const total = totalOf(lines);

  const place = async () => {
    if (isPlacing) return;
    setIsPlacing(true);
    setOutcome(undefined);
    announce('Your order is being placed.');
    const settled = await checkout.place(attempt, {
      items: lines.map(({ productId, quantity }) => ({ productId, quantity })),
      paymentMethod: method,
      ...(total ? { expectedTotal: total } : {}),
    });
    if (settled.kind === 'placed')
      return go(hrefOf('order', { orderId: settled.orderId }), { replace: true });
    setIsPlacing(false);
    setOutcome(settled);
    setAttempt(checkout.open());
  };
  // The page was loaded anew before it was known what became of the order.
  const resume = useRef(wasSent ? place : undefined);
  useEffect(() => {
    void resume.current?.();
    resume.current = undefined;
  }, []);

  if (lines.length === 0 && !isPlacing && !outcome && !attempt.sent)
    return (
      <Page title="There is nothing to order" narrow>
        <p>Your cart is empty. If you ordered in another tab, the order is among yours.</p>
        <div className="actions">
          <Link to="orders" className="button primary">
            See my orders
          </Link>
          <Link to="catalog" className="button">
            Look around
          </Link>
        </div>
      </Page>
    );
  return (
    <Page title="Checkout">
      <div className="columns">
        <form
          className="checkout"
          aria-busy={isPlacing}
          onSubmit={(event) => {
            event.preventDefault();
            void place();
          }}
        >
          {outcome && outcome.kind !== 'placed' && <Obstacle outcome={outcome} lines={lines} />}
          {isPlacing && (
            <Notice title="Your order is being placed …">
              <p>If you close this page now, the order goes on, and is among your orders.</p>
            </Notice>
          )}
          <fieldset disabled={isPlacing || attempt.sent !== null}>
            <legend>Pay with</legend>
            {paymentMethods.map(({ token, name, about }) => (
              <label key={token} className="choice">
                <input
                  type="radio"
                  name="payment"
                  value={token}
                  checked={method === token}
                  onChange={() => setMethod(token)}
                />
                <span>
                  {name}
                  <span className="muted">{about}</span>
                </span>
              </label>
            ))}
          </fieldset>
          <button type="submit" className="primary wide" disabled={isPlacing}>
            {isPlacing
              ? 'Placing your order …'
              : attempt.sent
                ? 'Ask again'
                : total
                  ? `Order and pay ${formatMoney(total)}`
                  : 'Order'}
          </button>
          <p className="muted">
            However often this is pressed, and in however many tabs, it makes one order.
          </p>
        </form>
        <Summary lines={lines} />
      </div>
    </Page>
  );
}

function Summary({ lines }: { readonly lines: readonly CartLine[] }) {
  const total = totalOf(lines);
  return (
    <section className="summary" aria-labelledby="summary-heading">
      <h2 id="summary-heading">Your order</h2>
      <ul className="plain">
        {lines.map(({ productId, name, price, quantity }) => (
          <li key={productId}>
            <span>
              {quantity} × {name}
            </span>
            <span className="price">{formatMoney({ ...price, amount: price.amount * quantity })}</span>
          </li>
        ))}
      </ul>
      {total && (
        <p className="sum">
          <span>Total</span>
          <span className="price">{formatMoney(total)}</span>
        </p>
      )}
      <p>
        <Link to="cart">Change the cart</Link>
      </p>
    </section>
  );
}
