import type { Money } from '../api/types';
import type { CartLine } from '../cart/cart';
import { useCurrentPrices } from '../cart/use-current-prices';
import { WithLink } from '../language/with-link';
import { Link } from '../router/router';
import { useShop } from '../shop';
import { Failure, Notice } from '../ui/notice';
import type { Outcome } from './checkout';
import { useLanguage } from '../language/language-provider';

interface ObstacleProps {
  readonly outcome: Exclude<Outcome, { kind: 'placed' }>;
  readonly lines: readonly CartLine[];
}

/** Why there is no order yet, and what to do next. */
export function Obstacle({ outcome, lines }: ObstacleProps) {
  const { t } = useLanguage();
  if (outcome.kind === 'unknown')
    return (
      <Notice tone="bad" title={t.checkout.unknown}>
        <p>
          <WithLink text={t.checkout.unknownAbout}>{(words) => <Link to="orders">{words}</Link>}</WithLink>
        </p>
      </Notice>
    );
  const { problem } = outcome;
  switch (problem.slug) {
    case 'payment-declined':
      return (
        <Notice tone="bad" title={t.checkout.declined}>
          <p>{t.checkout.declinedAbout}</p>
        </Notice>
      );
    case 'out-of-stock':
      return <OutOfStock items={problem.members['items']} lines={lines} />;
    case 'price-changed':
      return <PriceChanged total={problem.members['total'] as Money | undefined} lines={lines} />;
    case 'unknown-product':
      return (
        <Notice tone="bad" title={t.checkout.unknownProduct}>
          <p>{t.checkout.unknownProductAbout}</p>
          <Link to="cart" className="button">
            {t.shop.toCart}
          </Link>
        </Notice>
      );
    default:
      return <Failure error={problem} what={t.parts.ordering} />;
  }
}

function OutOfStock({ items, lines }: { readonly items: unknown; readonly lines: readonly CartLine[] }) {
  const { t } = useLanguage();
  const { cart } = useShop();
  const lacking = new Set(
    Array.isArray(items) ? (items as { productId?: unknown }[]).map(({ productId }) => productId) : [],
  );
  const named = lines.filter(({ productId }) => lacking.has(productId));
  return (
    <Notice
      tone="bad"
      title={
        named.length > 0
          ? t.checkout.notEnoughOf(named.map(({ name }) => name).join(', '))
          : t.checkout.outOfStock
      }
    >
      <p>{t.checkout.outOfStockAbout}</p>
      <div className="actions">
        <Link to="cart" className="button">
          {t.checkout.changeCart}
        </Link>
        {named.length > 0 && named.length < lines.length && (
          <button
            type="button"
            onClick={() => named.forEach(({ productId }) => cart.setQuantity(productId, 0))}
          >
            {t.checkout.goOnWithout}
          </button>
        )}
      </div>
    </Notice>
  );
}

/** The prices are loaded immediately, so that the next order uses what is displayed. */
function PriceChanged({
  total,
  lines,
}: {
  readonly total: Money | undefined;
  readonly lines: readonly CartLine[];
}) {
  const { t, format } = useLanguage();
  const changes = useCurrentPrices(lines);
  return (
    <Notice tone="bad" title={t.checkout.priceChanged}>
      {changes.map(({ name, from, to }) => (
        <p key={name}>{t.checkout.priceNow(name, format.money(from), format.money(to))}</p>
      ))}
      <p>{t.checkout.priceChangedAbout(total && format.money(total))}</p>
    </Notice>
  );
}
