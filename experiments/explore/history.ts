import { randomUUID } from 'node:crypto';
import type { Choices } from './choices';

/** What a history is about, drawn before it begins. */
export interface Setting {
  readonly paymentMethod: 'pm_ok' | 'pm_requires_action' | 'pm_declined';
  readonly stock: 0 | 1;
  readonly refusesRefunds: boolean;
  /** A crash takes all services with it, as where they are one process. */
  readonly isOneProcess: boolean;
  /** What people do besides buying, each at most once, at any moment. */
  readonly script: readonly PersonalAction[];
}

const personalActions = [
  'cancel',
  'erase',
  'buy-again',
  'refund-part',
  'approve',
  'refuse',
  'expire-order',
  'expire-reservation',
  'restock',
  'give-up',
  'operator',
  'provider-voids',
  'provider-captures',
  'provider-refunds',
] as const;
export type PersonalAction = (typeof personalActions)[number];
/** What is most about an order's end. */
const oftenDrawn = [...personalActions, 'cancel', 'cancel', 'erase', 'approve'] as const;

export interface History {
  readonly setting: Setting;
  readonly userId: string;
  readonly sku: string;
  readonly key: string;
  readonly orderIds: string[];
  /** Statuses with which the buyer's requests were answered. */
  readonly answers: number[];
  /** What happened, act by act. */
  readonly log: string[];
  erasureId: string | undefined;
  faultsLeft: number;
}

export const drawSetting = (choices: Choices): Setting => {
  const paymentMethod = choices.pick(['pm_ok', 'pm_ok', 'pm_requires_action', 'pm_declined']);
  const stock = choices.pick([1, 1, 1, 1, 0]);
  const refusesRefunds = choices.choose(12) === 11;
  const isOneProcess = choices.choose(2) === 1;
  const count = choices.choose(4);
  const script = new Set<PersonalAction>();
  for (let drawn = 0; drawn < count; drawn++) script.add(choices.pick(oftenDrawn));
  return { paymentMethod, stock, refusesRefunds, isOneProcess, script: [...script] };
};

export const newHistory = (setting: Setting): History => ({
  setting,
  userId: randomUUID(),
  sku: randomUUID().toUpperCase(),
  key: randomUUID(),
  orderIds: [],
  answers: [],
  log: [],
  erasureId: undefined,
  faultsLeft: 4,
});

/** An order that rests in `needs_attention` for this reason is where it belongs: the provider gives nothing back. */
export const isRefusedForGood = ({ setting }: History, reason: string | null): boolean =>
  setting.refusesRefunds && reason === 'refund-failed';
