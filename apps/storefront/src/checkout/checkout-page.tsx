import { useEffect, useRef, useState } from 'react';
import { addressFrom } from '../account/address-fields';
import type { Address, NewAddress } from '../api/types';
import type { Texts } from '../language/en';
import type { CartLine } from '../cart/cart';
import { totalOf } from '../cart/cart';
import { Link, useRouter } from '../router/router';
import { hrefOf } from '../router/routes';
import { useCartLines, useIsSignedIn, useShop } from '../shop';
import { useAnnounce } from '../ui/announcer';
import { Notice } from '../ui/notice';
import { Page } from '../ui/page';
import { fieldProblem, textsOf } from '../ui/use-submit';
import { useLoad } from '../ui/use-load';
import { AddressChoice, type ShipTo } from './address-choice';
import type { Outcome } from './checkout';
import { Obstacle } from './obstacle';
import { paymentMethods } from './payment-methods';
import { useLanguage } from '../language/language-provider';

export function CheckoutPage() {
  const { t } = useLanguage();
  const isSignedIn = useIsSignedIn();
  const lines = useCartLines();
  const { checkout } = useShop();
  // An attempt that was sent continues, whatever the cart contains now.
  const [wasSent] = useState(() => checkout.open().sent !== null);
  if (!isSignedIn)
    return (
      <Page title={t.checkout.title} narrow>
        <p>{t.checkout.signIn}</p>
        <div className="actions">
          <Link to="signIn" query={{ next: '/checkout' }} className="button primary">
            {t.shop.signIn}
          </Link>
          <Link to="register" query={{ next: '/checkout' }} className="button">
            {t.account.create}
          </Link>
        </div>
      </Page>
    );
  return <Order lines={lines} wasSent={wasSent} />;
}

function Order({ lines, wasSent }: { readonly lines: readonly CartLine[]; readonly wasSent: boolean }) {
  const { t, format } = useLanguage();
  const { checkout, session } = useShop();
  const { go } = useRouter();
  const announce = useAnnounce();
  const [attempt, setAttempt] = useState(() => checkout.open());
  const [method, setMethod] = useState<string>(paymentMethods[0]);
  const saved = useLoad('addresses', (signal) =>
    session.ask<{ readonly items: readonly Address[] }>('/api/v1/me/addresses', { signal }),
  ).value?.items;
  // Derived instead of set after loading: an earlier choice of the person is kept.
  const [choice, choose] = useState<ShipTo>();
  const shipTo = choice ?? saved?.[0] ?? 'none';
  const [isPlacing, setIsPlacing] = useState(false);
  const [outcome, setOutcome] = useState<Outcome>();
  const total = totalOf(lines);

  const place = async (typed: Readonly<Record<string, string>> = {}) => {
    if (isPlacing) return;
    setIsPlacing(true);
    setOutcome(undefined);
    announce(t.checkout.placing);
    const settled = await checkout.place(attempt, {
      items: lines.map(({ productId, quantity }) => ({ productId, quantity })),
      paymentMethod: method,
      ...(shipTo === 'none'
        ? {}
        : { shippingAddress: shipTo === 'other' ? addressFrom(typed) : addressToSend(shipTo) }),
      ...(total ? { expectedTotal: total } : {}),
    });
    if (settled.kind === 'placed')
      return go(hrefOf('order', { orderId: settled.orderId }), { replace: true });
    setIsPlacing(false);
    setOutcome(settled);
    setAttempt(checkout.open());
  };
  // The page was reloaded before the outcome of the order was known.
  const resume = useRef(wasSent ? place : undefined);
  useEffect(() => {
    void resume.current?.();
    resume.current = undefined;
  }, []);

  if (lines.length === 0 && !isPlacing && !outcome && !attempt.sent)
    return (
      <Page title={t.checkout.nothing} narrow>
        <p>{t.checkout.nothingAbout}</p>
        <div className="actions">
          <Link to="orders" className="button primary">
            {t.shop.seeMyOrders}
          </Link>
          <Link to="catalog" className="button">
            {t.shop.lookAround}
          </Link>
        </div>
      </Page>
    );
  return (
    <Page title={t.checkout.title}>
      <div className="columns">
        <form
          className="checkout"
          aria-busy={isPlacing}
          onSubmit={(event) => {
            event.preventDefault();
            void place(textsOf(event.currentTarget));
          }}
        >
          {outcome && outcome.kind !== 'placed' && <Obstacle outcome={outcome} lines={lines} />}
          {isPlacing && (
            <Notice title={t.checkout.placingTitle}>
              <p>{t.checkout.placingAbout}</p>
            </Notice>
          )}
          <fieldset disabled={isPlacing || attempt.sent !== null}>
            <legend>{t.checkout.shipTo}</legend>
            <AddressChoice
              saved={saved ?? []}
              chosen={shipTo}
              choose={choose}
              problemOf={(field) => addressProblem(outcome, field, t)}
            />
          </fieldset>
          <fieldset disabled={isPlacing || attempt.sent !== null}>
            <legend>{t.checkout.payWith}</legend>
            {paymentMethods.map((token) => (
              <label key={token} className="choice">
                <input
                  type="radio"
                  name="payment"
                  value={token}
                  checked={method === token}
                  onChange={() => setMethod(token)}
                />
                <span>
                  {t.checkout.methods[token].name}
                  <span className="muted">{t.checkout.methods[token].about}</span>
                </span>
              </label>
            ))}
          </fieldset>
          <button type="submit" className="primary wide" disabled={isPlacing}>
            {isPlacing
              ? t.checkout.placingButton
              : attempt.sent
                ? t.checkout.askAgain
                : total
                  ? t.checkout.orderAndPay(format.money(total))
                  : t.checkout.order}
          </button>
          <p className="muted">{t.checkout.oneOrder}</p>
        </form>
        <Summary lines={lines} />
      </div>
    </Page>
  );
}

/** Without the fields that only the profile has. */
const addressToSend = ({
  recipient,
  line1,
  line2,
  postalCode,
  city,
  region,
  country,
}: Address): NewAddress => ({ recipient, line1, line2, postalCode, city, region, country });

const addressProblem = (outcome: Outcome | undefined, field: string, t: Texts): string | undefined =>
  outcome?.kind === 'refused' ? fieldProblem(outcome.problem, field, t) : undefined;

function Summary({ lines }: { readonly lines: readonly CartLine[] }) {
  const { t, format } = useLanguage();
  const total = totalOf(lines);
  return (
    <section className="summary" aria-labelledby="summary-heading">
      <h2 id="summary-heading">{t.checkout.yourOrder}</h2>
      <ul className="plain">
        {lines.map(({ productId, name, price, quantity }) => (
          <li key={productId}>
            <span>
              {quantity} × {name}
            </span>
            <span className="price">{format.money({ ...price, amount: price.amount * quantity })}</span>
          </li>
        ))}
      </ul>
      {total && (
        <p className="sum">
          <span>{t.shop.total}</span>
          <span className="price">{format.money(total)}</span>
        </p>
      )}
      <p>
        <Link to="cart">{t.checkout.changeCart}</Link>
      </p>
    </section>
  );
}
