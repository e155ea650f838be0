import type { NewEvent } from '@bulkhead/contracts/event';
import type { Queryable, Transaction } from '@bulkhead/database/database';
import type { Outbox } from '@bulkhead/messaging/outbox';
import type { Ids } from '@bulkhead/service/ids';
import type { Logger } from '@bulkhead/telemetry/logger';
import type { Move } from './decide';
import { eventsOf } from './events-of-move';
import type { MoneyMetrics } from './money-metrics';
import { movePayments } from './move.sql';
import { afterMove } from './after-move';
import type { Payment } from './payment';
import { assertLegal, inBetween } from './transitions';

export interface RecordDependencies {
  readonly outbox: Outbox;
  readonly ids: Ids;
  readonly money: MoneyMetrics;
  readonly logger: Logger;
}

/** What is written together with a move. */
export interface Along {
  /** The provider's reference, as known from now on. */
  readonly reference?: string | undefined;
  /** The attempt with this outcome. */
  readonly attempt?: string | undefined;
  /** The id of the webhook that reported it. */
  readonly webhook?: string | undefined;
}

/** A move of a payment as it was read. */
export interface AskedMove {
  readonly payment: Payment;
  readonly move: Move;
  readonly along?: Along;
}

/**
 * Makes one legal move of a locked payment, with its ledger entries and events. @throws Error when the payment has
 * changed meanwhile
 */
export async function applyMove(
  tx: Transaction,
  payment: Payment,
  move: Move,
  dependencies: RecordDependencies,
  along: Along = {},
): Promise<Payment> {
  const asked = { payment, move, along };
  const [moved] = await writeMoves(tx, [asked], dependencies);
  if (!moved) throw new Error('the payment has moved while it was locked');
  tx.afterCommit(() => tellOf([asked], dependencies));
  return moved;
}

/**
 * Makes legal moves in one statement.
 * @returns the payments after them; undefined for those that have changed since they were read, even by an earlier one
 *   of these
 */
export async function applyMoves(
  database: Queryable,
  asked: readonly AskedMove[],
  dependencies: RecordDependencies,
): Promise<(Payment | undefined)[]> {
  const firsts = [...new Map(asked.toReversed().map((one) => [one.payment.id, one])).values()];
  const moved = await writeMoves(database, firsts, dependencies);
  const done = new Map(firsts.map((one, index) => [one, moved[index]]));
  tellOf(
    firsts.filter((one) => done.get(one)),
    dependencies,
  );
  return asked.map((one) => done.get(one));
}

async function writeMoves(
  db: Queryable,
  asked: readonly AskedMove[],
  { ids, outbox }: RecordDependencies,
): Promise<(Payment | undefined)[]> {
  for (const { payment, move } of asked) assertLegal(payment.status, move.to);
  const of = <T>(value: (asked: AskedMove) => T): T[] => asked.map(value);
  const { rows } = await db.query<Payment>({
    ...movePayments,
    values: [
      of(({ payment }) => payment.id),
      of(({ payment }) => payment.status),
      of(({ payment }) => payment.version),
      of(({ payment }) => payment.providerReference),
      of(({ move }) => move.to),
      of(({ move }) => move.reason ?? null),
      of(({ move }) => move.nextActionUrl ?? null),
      of(({ move }) => move.captured ?? 0),
      of(({ move }) => move.refunded ?? 0),
      of(({ move }) => move.attention ?? null),
      of(({ along }) => along?.reference ?? null),
      of(({ along }) => along?.attempt ?? null),
      of(({ along }) => along?.webhook ?? null),
      of(({ move }) => (movedMoney(move) ? ids.next() : null)),
      of(({ move }) => movedMoney(move)?.kind ?? null),
      of(({ move }) => movedMoney(move)?.amount ?? null),
      outbox.rows(asked.flatMap(eventsOfAsked)),
      inBetween,
    ],
  });
  const byId = new Map(rows.map((row) => [row.id, row]));
  return of(({ payment }) => byId.get(payment.id));
}

/**
 * The ledger movement of a move, with the ledger's sign: a capture adds to what the provider owes, a refund subtracts
 * from it, and a refund that failed after all adds it back.
 */
function movedMoney({ captured = 0, refunded = 0 }: Move) {
  if (captured > 0) return { kind: 'capture', amount: captured } as const;
  if (refunded !== 0)
    return { kind: refunded > 0 ? 'refund' : 'refund-reversal', amount: -refunded } as const;
  return undefined;
}

const eventsOfAsked = ({ payment, move }: AskedMove): NewEvent[] => eventsOf(afterMove(payment, move), move);

function tellOf(moves: readonly AskedMove[], { money, outbox }: RecordDependencies): void {
  for (const { payment, move } of moves) money.moved(move, payment.currency);
  if (moves.some((asked) => eventsOfAsked(asked).length > 0)) outbox.wake();
}
