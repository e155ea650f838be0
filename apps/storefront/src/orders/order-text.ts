import type { Order, OrderState } from '../api/types';
import type { StateTexts, Texts } from '../language/en';

/** What an order's state means for the buyer. */
export interface OrderText extends StateTexts {
  readonly tone: 'plain' | 'good' | 'bad';
}

const tones: Partial<Record<OrderState, OrderText['tone']>> = {
  confirmed: 'good',
  rejected: 'bad',
  expired: 'bad',
  needs_attention: 'bad',
};

export function orderText({ state, reason }: Pick<Order, 'state' | 'reason'>, { orders }: Texts): OrderText {
  const text = { ...orders.states[state], tone: tones[state] ?? 'plain' };
  const about = state === 'rejected' && reason !== null ? orders.rejections[reason] : undefined;
  return about === undefined ? text : { ...text, about };
}

const happy: readonly OrderState[] = ['placed', 'reserved', 'authorised', 'committed', 'confirmed'];

/** The steps of a successful order, and its current one; undefined for an order that took another path. */
export function progressOf(
  state: OrderState,
  { orders: { steps } }: Texts,
): readonly { readonly name: string; readonly isReached: boolean }[] | undefined {
  const reached = happy.indexOf(state);
  return reached < 0 ? undefined : steps.map((name, index) => ({ name, isReached: index <= reached }));
}

const final: readonly OrderState[] = ['confirmed', 'cancelled', 'rejected', 'expired', 'refunded'];
export const isOver = (state: OrderState): boolean => final.includes(state);

export const isCancellable = ({ state, status }: Pick<Order, 'state' | 'status'>): boolean =>
  state !== 'cancelling' &&
  state !== 'needs_attention' &&
  state !== 'refunding' &&
  (status === 'pending' || status === 'confirmed');
