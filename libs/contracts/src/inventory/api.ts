import { z } from 'zod';
import { defineEndpoint } from '../endpoint';
import { etagHeader, IfMatchHeader } from '../preconditions';
import { Id, page, PageQuery, Sku, text, Timestamp } from '../primitives';

/** Maximum stock of one SKU. */
export const maxPieces = 1_000_000_000;

export const StockLevel = z
  .object({
    sku: Sku,
    available: z.int().min(0).meta({ description: 'pieces that can be bought now' }),
    status: z
      .enum(['in-stock', 'out-of-stock'])
      .meta({ id: 'StockStatus', description: 'Whether any piece can be bought' }),
  })
  .meta({ id: 'StockLevel', description: 'Stock as a buyer sees it' });

export const Stock = z
  .object({
    sku: Sku,
    onHand: z.int().min(0).meta({ description: 'pieces nobody has a claim to' }),
    reserved: z.int().min(0).meta({ description: 'pieces held for orders under way' }),
    sold: z.int().min(0).meta({ description: 'pieces of committed orders' }),
    version: z.int().min(1),
    updatedAt: Timestamp,
  })
  .meta({ id: 'Stock', description: 'onHand + reserved + sold is the sum of all movements' });
export type Stock = z.infer<typeof Stock>;

export const StockMovement = z
  .object({
    movementId: Id,
    sku: Sku,
    delta: z.int().meta({ description: 'pieces that came in, or went if negative' }),
    reason: z.string(),
    at: Timestamp,
  })
  .meta({ id: 'StockMovement', description: 'Pieces of a SKU that came in or went' });

const tag = 'stock';
const adminOnly = { kind: 'role', role: 'admin' } as const;
const sku = z.object({ sku: Sku });

export const inventoryApi = {
  getStock: defineEndpoint({
    operationId: 'getStock',
    method: 'get',
    path: '/api/v1/stock/{sku}',
    summary: 'Show how much of a SKU is available',
    description: 'Pieces that are held for orders under way do not count as available.',
    tag,
    access: { kind: 'public' },
    priority: 'browse',
    params: sku,
    responses: { 200: { description: 'The stock', schema: StockLevel, headers: etagHeader } },
    problems: ['not-found'],
  }),
  setStock: defineEndpoint({
    operationId: 'setStock',
    method: 'put',
    path: '/api/v1/stock/{sku}',
    summary: 'Set the pieces on hand after a count',
    description:
      'Based on a state that was read (If-Match): every reservation changes it. To add or take pieces while the SKU ' +
      'sells, post an adjustment instead.',
    tag,
    access: adminOnly,
    priority: 'browse',
    retryable: false,
    params: sku,
    headers: IfMatchHeader,
    body: z.strictObject({
      onHand: z.int().min(0).max(maxPieces),
      reason: text(1, 200).default('stock count'),
    }),
    responses: { 200: { description: 'The stock as set', schema: Stock, headers: etagHeader } },
    problems: ['not-found', 'precondition-failed', 'precondition-required'],
  }),
  adjustStock: defineEndpoint({
    operationId: 'adjustStock',
    method: 'post',
    path: '/api/v1/stock/{sku}/adjustments',
    summary: 'Add pieces to the stock, or take some out',
    description: 'Takes only what nobody has a claim to: `conflict` when fewer are on hand.',
    tag,
    access: adminOnly,
    priority: 'browse',
    idempotencyKey: 'optional',
    params: sku,
    body: z.strictObject({
      delta: z.int().min(-maxPieces).max(maxPieces),
      reason: text(1, 200),
    }),
    responses: { 200: { description: 'The stock after it', schema: Stock, headers: etagHeader } },
    problems: ['not-found', 'conflict', 'idempotency-key-reused'],
  }),
  listMovements: defineEndpoint({
    operationId: 'listStockMovements',
    method: 'get',
    path: '/api/v1/stock/{sku}/movements',
    summary: 'The journal of a SKU, newest first',
    tag,
    access: adminOnly,
    priority: 'browse',
    params: sku,
    query: PageQuery,
    responses: {
      200: {
        description: 'A page of movements',
        schema: page(StockMovement),
      },
    },
    problems: ['not-found'],
  }),
} as const;

export const reservationStates = ['held', 'committed', 'released', 'expired'] as const;
export type ReservationState = (typeof reservationStates)[number];

export const Reservation = z.object({
  orderId: Id,
  state: z.enum(reservationStates),
  expiresAt: Timestamp.nullable().meta({ description: 'null where nothing was ever held' }),
});
export type Reservation = z.infer<typeof Reservation>;

export const ReservationLine = z.strictObject({ sku: Sku, quantity: z.int().min(1).max(10_000) });
export type ReservationLine = z.infer<typeof ReservationLine>;

const orderId = z.object({ orderId: Id });
const callers = ['order'] as const;

export const inventoryInternal = {
  reserve: defineEndpoint({
    operationId: 'reserveStock',
    method: 'put',
    path: '/internal/reservations/{orderId}',
    summary: 'Hold the stock of an order: all lines or none',
    description:
      'Repeating gives the present state; after a release it stays released. `out-of-stock` names in `skus` what ' +
      'there is too little of, and holds nothing.',
    tag,
    access: { kind: 'service', callers },
    priority: 'buy',
    retryable: true,
    params: orderId,
    body: z.strictObject({
      lines: z.array(ReservationLine).min(1).max(50),
      ttlSeconds: z.int().min(1).max(86_400),
    }),
    responses: { 200: { description: 'The reservation', schema: Reservation } },
    problems: ['out-of-stock'],
  }),
  get: defineEndpoint({
    operationId: 'getReservation',
    method: 'get',
    path: '/internal/reservations/{orderId}',
    summary: 'What has become of a reservation',
    description:
      'No reservation is a successful response: not found would also be said by a release of inventory that does not ' +
      'know the question.',
    tag,
    access: { kind: 'service', callers },
    priority: 'pay',
    params: orderId,
    responses: {
      200: {
        description: 'Its state',
        schema: z.object({
          orderId: Id,
          state: z.enum(reservationStates).nullable().meta({ description: 'null: there never was one' }),
        }),
      },
    },
  }),
  commit: defineEndpoint({
    operationId: 'commitReservation',
    method: 'post',
    path: '/internal/reservations/{orderId}/commit',
    summary: 'Make a reservation permanent: the stock is sold',
    description: '`conflict` once it was released or has expired; `not-found` when there never was one.',
    tag,
    access: { kind: 'service', callers },
    priority: 'pay',
    retryable: true,
    params: orderId,
    responses: { 200: { description: 'The reservation, committed', schema: Reservation } },
    problems: ['conflict', 'not-found'],
  }),
  release: defineEndpoint({
    operationId: 'releaseReservation',
    method: 'post',
    path: '/internal/reservations/{orderId}/release',
    summary: 'Give the stock back, also after a commit (a refund)',
    description: 'Without a reservation it leaves a mark, so that a reserve that comes late holds nothing.',
    tag,
    access: { kind: 'service', callers },
    priority: 'pay',
    retryable: true,
    params: orderId,
    responses: { 200: { description: 'The reservation, released or expired', schema: Reservation } },
  }),
  availability: defineEndpoint({
    operationId: 'stockAvailability',
    method: 'post',
    path: '/internal/stock/availability',
    summary: 'How much of each SKU is available',
    tag,
    access: { kind: 'service', callers: ['product', 'search'] },
    priority: 'browse',
    retryable: true,
    body: z.strictObject({ skus: z.array(Sku).min(1).max(100) }),
    responses: {
      200: {
        description: 'One entry for each SKU that inventory knows; `version` as in stock events',
        schema: z.object({
          items: z.array(z.object({ sku: Sku, available: z.int().min(0), version: z.int().min(1) })),
        }),
      },
    },
  }),
} as const;
