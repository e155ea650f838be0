import type { Money } from '../api/types';
import type { CartLine } from '../cart/cart';
import { useCurrentPrices } from '../cart/use-current-prices';
import { Link } from '../router/router';
import { useShop } from '../shop';
import { formatMoney } from '../ui/format';
import { Failure, Notice } from '../ui/notice';
import type { Outcome } from './checkout';

interface ObstacleProps {
  readonly outcome: Exclude<Outcome, { kind: 'placed' }>;
  readonly lines: readonly CartLine[];
}

/** Why there is no order yet, and the next thing to do. */
export function Obstacle({ outcome, lines }: ObstacleProps) {
  if (outcome.kind === 'unknown')
    return (
      <Notice tone="bad" title="The shop did not say whether it has your order.">
        <p>
          Ask again: it is the same order, and never becomes two. Or look among{' '}
          <Link to="orders">your orders</Link>.
        </p>
      </Notice>
    );
  const { problem } = outcome;
  switch (problem.slug) {
    case 'payment-declined':
      return (
        <Notice tone="bad" title="The bank declined the payment.">
          <p>Nothing was charged, and your cart is as it was. Choose another card, then order again.</p>
        </Notice>
      );
    case 'out-of-stock':
      return <OutOfStock items={problem.members['items']} lines={lines} />;
    case 'price-changed':
      return <PriceChanged total={problem.members['total'] as Money | undefined} lines={lines} />;
    case 'unknown-product':
      return (
        <Notice tone="bad" title="A product in your cart is no longer in the catalog.">
          <p>Nothing was ordered. Remove it from the cart, then order again.</p>
          <Link to="cart" className="button">
            Go to the cart
          </Link>
        </Notice>
      );
    default:
      return <Failure error={problem} what="Ordering" />;
  }
}

function OutOfStock({ items, lines }: { readonly items: unknown; readonly lines: readonly CartLine[] }) {
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
          ? `There is not enough of: ${named.map(({ name }) => name).join(', ')}.`
          : 'Something is out of stock.'
      }
    >
      <p>Nothing was ordered or charged. Order less of it, or go on without.</p>
      <div className="actions">
        <Link to="cart" className="button">
          Change the cart
        </Link>
        {named.length > 0 && named.length < lines.length && (
          <button
            type="button"
            onClick={() => named.forEach(({ productId }) => cart.setQuantity(productId, 0))}
          >
            Go on without
          </button>
        )}
      </div>
    </Notice>
  );
}

/** The prices are asked for at once, so that the next order is made with what is shown. */
function PriceChanged({
  total,
  lines,
}: {
  readonly total: Money | undefined;
  readonly lines: readonly CartLine[];
}) {
  const changes = useCurrentPrices(lines);
  return (
    <Notice tone="bad" title="A price has changed since you put it into the cart.">
      {changes.map(({ name, from, to }) => (
        <p key={name}>
          {name}: {formatMoney(from)} before, {formatMoney(to)} now.
        </p>
      ))}
      <p>
        Nothing was ordered. {total ? `Your order comes to ${formatMoney(total)} now. ` : ''}If that is all
        right, order again.
      </p>
    </Notice>
  );
}
