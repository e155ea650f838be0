import { Id } from '@bulkhead/contracts/primitives';
import { problem } from '@bulkhead/service/errors';
import type { NextPage } from '@bulkhead/service/http/cursor';
import type { OrderFilter, OrderReader } from './order-reader';
import type { OrderRow } from './order-view';

export interface PageRequest {
  readonly path: string;
  readonly limit: number;
  readonly cursor?: string | undefined;
  /** The request's filters, repeated in the link to the next page. */
  readonly filters: Readonly<Record<string, string | undefined>>;
}

/**
 * One page of orders, newest first.
 * @throws ProblemError `invalid-request` for an invalid cursor
 */
export async function pageOfOrders<T>(
  orders: OrderReader,
  filter: OrderFilter,
  { path, limit, cursor, filters }: PageRequest,
  show: (row: OrderRow) => T,
): Promise<{ items: T[] } & NextPage> {
  const before = cursor === undefined ? undefined : decode(cursor);
  const rows = await orders.list({ ...filter, before }, limit + 1);
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  if (rows.length <= limit || !last) return { items: shown.map(show), next: null, nextCursor: null };
  const nextCursor = encode(last.id);
  const query = new URLSearchParams({ limit: String(limit), cursor: nextCursor });
  for (const [name, value] of Object.entries(filters)) if (value !== undefined) query.set(name, value);
  return { items: shown.map(show), next: `${path}?${query.toString()}`, nextCursor };
}

const encode = (id: string): string => Buffer.from(id).toString('base64url');

function decode(cursor: string): string {
  const id = Id.safeParse(Buffer.from(cursor, 'base64url').toString());
  if (id.success) return id.data;
  throw problem('invalid-request', {
    errors: [{ pointer: '/query/cursor', detail: 'must be a cursor from a `next` link' }],
  });
}
