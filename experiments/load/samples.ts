/** What people do, as reports tell it apart. */
export type RequestClass = 'browse' | 'search' | 'sign-in' | 'order' | 'account';

/** One request, as the person who made it saw it. */
export interface Sample {
  readonly kind: RequestClass;
  /** When it was meant to begin, in ms from the start of the load. */
  readonly at: number;
  /** From then until its answer had arrived, in ms: waiting for a late generator or connection counts. */
  readonly latencyMs: number;
  /** HTTP status; 0 where there was no answer. */
  readonly status: number;
}

/** An order that the shop has taken: it answered 201 or 202. */
export interface AcknowledgedOrder {
  readonly orderId: string;
  readonly userId: string;
  readonly status: number;
  /** The token with which the buyer may look at it. */
  readonly at: number;
}

export interface LoadResult {
  readonly samples: readonly Sample[];
  readonly orders: readonly AcknowledgedOrder[];
  /** People who came to buy. */
  readonly buyers: number;
  /** How late the generator itself was in beginning requests, p99 in ms. Over 10, its measurements are void. */
  readonly latenessP99Ms: number;
}

/** Was it what people come for? Refusals that are part of the business count as served: sold out, declined. */
export const isServed = ({ status }: Sample): boolean => status >= 200 && status < 500 && status !== 429;
/** Refused at once because there is too much: 503 or 429. */
export const isShed = ({ status }: Sample): boolean => status === 503 || status === 429;

/** The `q` quantile (0 to 1) of the values; NaN without any. */
export function quantile(values: readonly number[], q: number): number {
  if (values.length === 0) return NaN;
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))]!;
}
