import type { Order, OrderState } from '../api/types';

/** What an order's state means to the person who ordered. */
export interface OrderText {
  readonly title: string;
  readonly about: string;
  readonly tone: 'plain' | 'good' | 'bad';
}

const texts: Readonly<Record<OrderState, OrderText>> = {
  placed: { title: 'Order received', about: 'The stock is being set aside.', tone: 'plain' },
  reserved: {
    title: 'Waiting for the bank',
    about: 'Your things are set aside. You may leave this page: the order goes on without it.',
    tone: 'plain',
  },
  authorised: { title: 'Payment approved', about: 'The order is being completed.', tone: 'plain' },
  committed: { title: 'Nearly there', about: 'The payment is being collected.', tone: 'plain' },
  confirmed: { title: 'Confirmed', about: 'It is paid, and the things are yours.', tone: 'good' },
  cancelling: { title: 'Being cancelled', about: 'Money and stock are being released.', tone: 'plain' },
  cancelled: { title: 'Cancelled', about: 'Nothing was charged.', tone: 'plain' },
  rejected: { title: 'Not ordered', about: 'Nothing was charged.', tone: 'bad' },
  expired: {
    title: 'Expired',
    about: 'The payment was not confirmed in time. Nothing was charged; order again if you like.',
    tone: 'bad',
  },
  refunding: { title: 'Being refunded', about: 'The money is on its way back.', tone: 'plain' },
  refunded: { title: 'Refunded', about: 'The money went back to your card.', tone: 'plain' },
  needs_attention: {
    title: 'Somebody looks at it',
    about: 'The shop’s staff found something unclear, and will settle it. You need not do anything.',
    tone: 'bad',
  },
};

const reasons: Readonly<Record<string, string>> = {
  'payment-declined': 'The bank declined the payment. Nothing was charged; order again with another card.',
  'out-of-stock': 'Something was sold out meanwhile. Nothing was charged; order what is left.',
};

export function orderText({ state, reason }: Pick<Order, 'state' | 'reason'>): OrderText {
  const text = texts[state];
  const about = state === 'rejected' && reason !== null ? reasons[reason] : undefined;
  return about === undefined ? text : { ...text, about };
}

const happy: readonly OrderState[] = ['placed', 'reserved', 'authorised', 'committed', 'confirmed'];
const happyNames = ['Received', 'Set aside', 'Approved', 'Collected', 'Confirmed'];

/** The way of an order that goes well, and how far it is; undefined for one that took another way. */
export function progressOf(
  state: OrderState,
): readonly { readonly name: string; readonly isReached: boolean }[] | undefined {
  const reached = happy.indexOf(state);
  return reached < 0 ? undefined : happyNames.map((name, index) => ({ name, isReached: index <= reached }));
}

const final: readonly OrderState[] = ['confirmed', 'cancelled', 'rejected', 'expired', 'refunded'];
export const isOver = (state: OrderState): boolean => final.includes(state);

export const isCancellable = ({ state, status }: Pick<Order, 'state' | 'status'>): boolean =>
  state !== 'cancelling' &&
  state !== 'needs_attention' &&
  state !== 'refunding' &&
  (status === 'pending' || status === 'confirmed');
