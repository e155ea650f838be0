import { type State, transitions } from '@bulkhead/app/order/src/saga/states';
import { transitions as paymentTransitions } from '@bulkhead/app/payment/src/payments/transitions';
import type { PaymentStatus } from '@bulkhead/contracts/payment/api';

const order = (Object.keys(transitions) as State[]).flatMap((from) =>
  transitions[from].map((to) => `order ${from} ${to}`),
);
const payment = (Object.keys(paymentTransitions) as PaymentStatus[]).flatMap((from) =>
  paymentTransitions[from].map((to) => `payment ${from} ${to}`),
);

/** The moves of the tables of order and payment that were not made. */
export const unseenMoves = (made: ReadonlySet<string>): string[] =>
  [...order, ...payment].filter((move) => !made.has(move));
