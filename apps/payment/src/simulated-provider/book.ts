import { randomUUID } from 'node:crypto';
import type { SimulatedCharge, SimulatedRefund } from '../providers/simulated';

/** The response to a call; stored under its idempotency key. */
export interface BookResponse {
  readonly status: number;
  readonly body: SimulatedCharge | { readonly error: string };
}

/** One change, as a line of the journal. */
export interface BookEntry {
  readonly key: string;
  readonly answer: BookResponse;
}

export interface Book {
  /** The response already given under this key. */
  known(key: string): BookResponse | undefined;
  charge(key: string, request: ChargeOrder, declined: boolean): BookResponse;
  capture(key: string, chargeId: string, amount: number): BookResponse;
  void(key: string, chargeId: string): BookResponse;
  refund(key: string, chargeId: string, refund: RefundOrder): BookResponse;
  /** Changes the status of a refund later. Undefined if there is none with this id. */
  settleRefund(id: string, status: SimulatedRefund['status']): SimulatedCharge | undefined;
  /** The buyer confirms, or refuses to. Undefined if there is nothing to confirm. */
  confirm(chargeId: string, approved: boolean): SimulatedCharge | undefined;
  ofOrder(orderId: string): SimulatedCharge[];
  all(): SimulatedCharge[];
  restore(entry: BookEntry): void;
  /** Everything needed to restore the book, in compact form. */
  entries(): Iterable<BookEntry>;
}

export interface ChargeOrder {
  readonly orderId: string;
  readonly amount: number;
  readonly currency: string;
  readonly paymentMethod: string;
}

export interface RefundOrder {
  readonly amount: number;
  readonly refundId: string | null;
  readonly status: SimulatedRefund['status'];
}

export interface BookOptions {
  /** Maximum number of charges; the oldest final ones are removed first, with everything about them. */
  readonly maxCharges: number;
  /** Where the buyer confirms a charge. */
  readonly actionUrl: (chargeId: string) => string;
  /** Called with every effect before the response. */
  readonly onEntry: (entry: BookEntry) => void;
}

const declines: Readonly<Record<string, string>> = {
  pm_declined: 'card_declined',
  pm_insufficient_funds: 'insufficient_funds',
};
const methods = new Set(['pm_ok', 'pm_requires_action', 'pm_slow', 'pm_timeout', 'pm_error_once']);
/** Responses kept per charge: authorised, captured, refunded. */
const answersPerCharge = 3;
const finalStatuses = new Set(['declined', 'voided', 'captured']);

/**
 * The provider's own ledger. It does not protect its customers: two charges of one order under two keys are two
 * charges, so that a shop's duplicates are detected.
 */
export function createBook({ maxCharges, actionUrl, onEntry }: BookOptions): Book {
  const charges = new Map<string, SimulatedCharge>();
  const idsOfOrder = new Map<string, string[]>();
  const responses = new Map<string, BookResponse>();

  const remember = (charge: SimulatedCharge) => {
    if (!charges.has(charge.id))
      idsOfOrder.set(charge.orderId, [...(idsOfOrder.get(charge.orderId) ?? []), charge.id]);
    charges.set(charge.id, charge);
  };
  const forgetOldest = () => {
    for (const { id, orderId, status } of charges.values()) {
      if (charges.size <= maxCharges) return;
      if (!finalStatuses.has(status)) continue;
      charges.delete(id);
      idsOfOrder.delete(orderId);
    }
  };
  const forgetResponses = () => {
    for (const key of responses.keys()) {
      if (responses.size <= maxCharges * answersPerCharge) return;
      responses.delete(key);
    }
  };
  const write = (key: string, answer: BookResponse): BookResponse => {
    if (answer.status < 300) remember(answer.body as SimulatedCharge);
    responses.set(key, answer);
    onEntry({ key, answer });
    forgetOldest();
    forgetResponses();
    return answer;
  };
  const refuse = (key: string, error: string) => write(key, { status: 409, body: { error } });
  const change = (key: string, charge: SimulatedCharge, changes: Partial<SimulatedCharge>) =>
    write(key, { status: 200, body: { ...charge, ...changes } });

  return {
    known: (key) => responses.get(key),
    charge(key, { paymentMethod, ...request }, declined) {
      const id = `ch_${randomUUID()}`;
      const reason = declines[paymentMethod] ?? (declined ? 'card_declined' : null);
      if (!reason && !methods.has(paymentMethod)) return refuse(key, 'unknown_payment_method');
      const needsAction = paymentMethod === 'pm_requires_action' && !reason;
      return write(key, {
        status: 201,
        body: {
          id,
          ...request,
          status: reason ? 'declined' : needsAction ? 'requires_action' : 'authorised',
          reason,
          actionUrl: needsAction ? actionUrl(id) : null,
          captured: 0,
          refunded: 0,
          refunds: [],
        },
      });
    },
    capture(key, id, amount) {
      const charge = charges.get(id);
      if (!charge) return refuse(key, 'unknown_charge');
      if (charge.status !== 'authorised') return refuse(key, `charge_is_${charge.status}`);
      if (amount > charge.amount) return refuse(key, 'amount_too_large');
      return change(key, charge, { status: 'captured', captured: amount });
    },
    void(key, id) {
      const charge = charges.get(id);
      if (!charge) return refuse(key, 'unknown_charge');
      if (charge.status !== 'authorised' && charge.status !== 'requires_action')
        return refuse(key, `charge_is_${charge.status}`);
      return change(key, charge, { status: 'voided', actionUrl: null });
    },
    refund(key, id, { amount, refundId, status }) {
      const charge = charges.get(id);
      if (!charge) return refuse(key, 'unknown_charge');
      if (sumOf(charge.refunds, 'pending', 'succeeded') + amount > charge.captured)
        return refuse(key, 'refund_exceeds_capture');
      const refund = withStatus({ id: `re_${randomUUID()}`, refundId, amount }, status);
      return change(key, charge, withRefunds([...charge.refunds, refund]));
    },
    settleRefund(refundId, status) {
      const charge = [...charges.values()].find(({ refunds }) => refunds.some(({ id }) => id === refundId));
      if (!charge) return undefined;
      const refunds = charge.refunds.map((refund) =>
        refund.id === refundId ? withStatus(refund, status) : refund,
      );
      return change(`${refundId}:${status}`, charge, withRefunds(refunds)).body as SimulatedCharge;
    },
    confirm(id, approved) {
      const charge = charges.get(id);
      if (charge?.status !== 'requires_action') return undefined;
      const changes = approved
        ? ({ status: 'authorised', actionUrl: null } as const)
        : ({ status: 'declined', reason: 'authentication_failed', actionUrl: null } as const);
      return change(`${id}:confirm`, charge, changes).body as SimulatedCharge;
    },
    ofOrder: (orderId) => (idsOfOrder.get(orderId) ?? []).flatMap((id) => charges.get(id) ?? []),
    all: () => [...charges.values()],
    restore({ key, answer }) {
      // A book written before refunds were listed has none.
      if (answer.status < 300) remember({ ...(answer.body as SimulatedCharge), refunds: refundsOf(answer) });
      responses.set(key, answer);
      forgetOldest();
      forgetResponses();
    },
    *entries() {
      for (const [key, answer] of responses) yield { key, answer };
    },
  };
}

const withStatus = (
  refund: Pick<SimulatedRefund, 'id' | 'refundId' | 'amount'>,
  status: SimulatedRefund['status'],
): SimulatedRefund => ({
  ...refund,
  status,
  failure: status === 'failed' ? 'expired_or_canceled_card' : null,
});

const sumOf = (refunds: readonly SimulatedRefund[], ...statuses: SimulatedRefund['status'][]): number =>
  refunds.reduce((sum, { amount, status }) => (statuses.includes(status) ? sum + amount : sum), 0);

const withRefunds = (refunds: SimulatedRefund[]): Pick<SimulatedCharge, 'refunds' | 'refunded'> => ({
  refunds,
  refunded: sumOf(refunds, 'succeeded'),
});

const refundsOf = ({ body }: BookResponse): SimulatedRefund[] =>
  (body as Partial<Pick<SimulatedCharge, 'refunds'>>).refunds ?? [];
