import { z } from 'zod';
import { defineEndpoint } from '../endpoint';
import { Problem } from '../problem';
import { extending } from '../extending';
import { Id, Money, PageQuery, PaymentMethod, PricedMoney, Timestamp, page } from '../primitives';
import { addressFields, postalAddressFields } from '../places/postal-address';

const tag = 'orders';

export const OrderState = z
  .enum([
    'placed',
    'reserved',
    'authorised',
    'committed',
    'confirmed',
    'cancelling',
    'cancelled',
    'rejected',
    'expired',
    'refunding',
    'refunded',
    'needs_attention',
  ])
  .meta({ id: 'OrderState', description: 'the state of the order in its saga' });

export const OrderStatus = z
  .enum(['pending', 'confirmed', 'rejected', 'cancelled', 'expired', 'refunded'])
  .meta({ id: 'OrderStatus', description: 'how the order ended, or `pending` while its state is not final' });

const Reason = z
  .string()
  .nullable()
  .meta({ description: 'why it ended or waits, as `payment-declined`; null where the state says all' });

export const OrderLine = z
  .object({
    productId: Id,
    sku: z.string(),
    name: z.string().meta({ description: 'as it was when the order was placed' }),
    quantity: z.int().min(1),
    unitPrice: Money,
    total: Money,
  })
  .meta({ id: 'OrderLine', description: 'A product of an order, as it was when ordered' });

export const NextAction = z
  .object({ type: z.literal('redirect'), url: z.string() })
  .meta({ id: 'NextAction', description: 'what the buyer has to do before the payment can go on' });

export const ShippingAddress = z
  .object(postalAddressFields)
  .meta({ id: 'ShippingAddress', description: 'Where an order goes to' });

const ShippingAddressDraft = z
  .strictObject(addressFields)
  .meta({ id: 'ShippingAddressDraft', description: 'Where an order is to go to' });

export const Order = z
  .object({
    id: Id,
    status: OrderStatus,
    state: OrderState,
    reason: Reason,
    items: z.array(OrderLine),
    total: Money,
    refunded: Money.meta({
      description:
        'what went back to the buyer in all. A refund by staff leaves the order `confirmed`, also when it is all of the ' +
        'money, and its stock sold; `refunded` is an order that was cancelled, whose stock went back, too',
    }),
    nextAction: NextAction.nullable(),
    shippingAddress: ShippingAddress.nullable().meta({
      description:
        'where it is to go, as given with the order; null where none was, and once the buyer is erased',
    }),
    version: z.int().min(1).meta({ description: 'grows by one with every transition' }),
    createdAt: Timestamp,
    updatedAt: Timestamp,
    expiresAt: Timestamp.meta({
      description: 'when it is given up, should it still be pending before its payment',
    }),
  })
  .meta({ id: 'Order', description: 'What was bought, for how much, and its status' });

export const Transition = z
  .object({
    sequence: z.int().min(1).meta({ description: 'the version of the order that this made' }),
    state: OrderState,
    status: OrderStatus,
    reason: Reason,
    at: Timestamp,
  })
  .meta({ id: 'OrderTransition', description: 'A step of an order' });

export const RefundStatus = z
  .enum(['pending', 'succeeded', 'failed'])
  .meta({ id: 'RefundStatus', description: 'The status of a refund' });

export const OrderRefund = z
  .object({
    id: Id,
    amount: Money,
    status: RefundStatus.meta({
      description:
        '`pending` for up to days; `failed` may follow `succeeded`, when the bank returns the money',
    }),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  })
  .meta({ id: 'OrderRefund', description: 'Money that goes back to the buyer' });

export const OrderDetails = extending(
  Order,
  Order.extend({
    timeline: z.array(Transition).meta({ description: 'what became of it, oldest first' }),
    refunds: z.array(OrderRefund).meta({ description: 'oldest first, at most the first 100' }),
  }).meta({ id: 'OrderDetails', description: 'An order with its history' }),
);

export const AdminOrder = extending(
  Order,
  Order.extend({
    userId: Id.meta({ description: 'who placed it; a stand-in once they are erased' }),
    attempt: z.int().min(0).meta({ description: 'attempts at the present step' }),
    dueAt: Timestamp.nullable().meta({ description: 'when the saga goes on; null when it has ended' }),
    traceUrl: z
      .string()
      .nullable()
      .meta({
        description:
          'where the trace of placing it is shown; null where none was recorded, or nothing shows traces',
        examples: ['https://traces.example/trace/0af7651916cd43dd8448eb211c80319c'],
      }),
  }).meta({ id: 'AdminOrder', description: 'An order as staff see it' }),
);

export const OrderItem = z
  .strictObject({ productId: Id, quantity: z.int().min(1).max(99).meta({ description: 'pieces' }) })
  .meta({ id: 'OrderItem', description: 'A product to order' });

export const NewOrder = z
  .object({
    items: z.array(OrderItem).min(1).max(50).meta({ description: 'each product once' }),
    paymentMethod: PaymentMethod.meta({
      description: 'token of the payment provider; never a card number',
      examples: ['pm_ok'],
    }),
    expectedTotal: PricedMoney.optional().meta({
      description:
        'the total that the buyer saw; if the price differs, the response is `price-changed`, and nothing is ordered',
    }),
    shippingAddress: ShippingAddressDraft.optional().meta({
      description: 'where it is to go; kept with the order as it is now, whatever becomes of the profile',
    }),
  })
  .meta({ id: 'PlaceOrder', description: 'What to buy, and how to pay for it' });

const orderParams = z.object({ orderId: Id });
const location = { location: { description: 'path of the order' } };
const pendingHeaders = { ...location, 'retry-after': { description: 'seconds after which to look again' } };

const OutOfStockProblem = extending(
  Problem,
  Problem.extend({
    orderId: Id.meta({ description: 'the order, which was rejected' }),
    items: z
      .array(
        z
          .object({ productId: Id, sku: z.string() })
          .meta({ id: 'LackingItem', description: 'A product of which there is too little' }),
      )
      .meta({ description: 'what there is too little of' }),
  }).meta({ id: 'OutOfStockProblem', description: '`out-of-stock`: nothing was reserved or charged' }),
);

const PriceChangedProblem = extending(
  Problem,
  Problem.extend({ total: Money.meta({ description: 'what the order would cost now' }) }).meta({
    id: 'PriceChangedProblem',
    description: '`price-changed`: it is not `expectedTotal`, and nothing was ordered',
  }),
);

const PaymentDeclinedProblem = extending(
  Problem,
  Problem.extend({ orderId: Id.meta({ description: 'the order, which was rejected' }) }).meta({
    id: 'PaymentDeclinedProblem',
    description: '`payment-declined`: nothing was charged, and the stock was given back',
  }),
);

export const orderApi = {
  placeOrder: defineEndpoint({
    operationId: 'placeOrder',
    method: 'post',
    path: '/api/v1/orders',
    summary: 'Buy',
    description:
      'Prices come from the catalog. Responds within 1.5 s: 201 if the order is confirmed, 202 if it is still ' +
      'in progress; its Location then shows the outcome. Repeating with the same key and body returns the same response for ' +
      '24 h. `Prefer: respond-async` asks for 202 as soon as the order and its stock are safe. `out-of-stock` names ' +
      'the `items` with insufficient stock, `price-changed` the current `total`.',
    tag,
    access: { kind: 'user' },
    priority: 'buy',
    idempotencyKey: 'required',
    headers: z.object({
      prefer: z
        .string()
        .max(200)
        .optional()
        .meta({ description: 'RFC 7240', examples: ['respond-async'] }),
    }),
    body: NewOrder,
    responses: {
      201: { description: 'Confirmed: paid, and the stock is yours', schema: Order, headers: location },
      202: { description: 'Accepted and going on', schema: Order, headers: pendingHeaders },
    },
    problems: [
      'payment-declined',
      'out-of-stock',
      'price-changed',
      'idempotency-in-progress',
      'idempotency-key-reused',
      'unknown-product',
      'unavailable',
    ],
    problemSchemas: {
      'out-of-stock': OutOfStockProblem,
      'price-changed': PriceChangedProblem,
      'payment-declined': PaymentDeclinedProblem,
    },
  }),
  listOrders: defineEndpoint({
    operationId: 'listOrders',
    method: 'get',
    path: '/api/v1/orders',
    summary: 'List the own orders, newest first',
    description: 'Only those of the signed-in person; `status` narrows them.',
    tag,
    access: { kind: 'user' },
    priority: 'browse',
    query: PageQuery.extend({ status: OrderStatus.optional() }),
    responses: { 200: { description: 'One page', schema: page(Order) } },
  }),
  getOrder: defineEndpoint({
    operationId: 'getOrder',
    method: 'get',
    path: '/api/v1/orders/{orderId}',
    summary: 'Get an own order with its timeline',
    description: 'An order of somebody else is `not-found`.',
    tag,
    access: { kind: 'user' },
    priority: 'browse',
    params: orderParams,
    responses: { 200: { description: 'The order', schema: OrderDetails } },
    problems: ['not-found'],
  }),
  cancelOrder: defineEndpoint({
    operationId: 'cancelOrder',
    method: 'post',
    path: '/api/v1/orders/{orderId}/cancel',
    summary: 'Cancel an own order',
    description:
      'Before it is paid, its hold on money and stock is released; after, the money is refunded and the stock goes ' +
      'back. Cancelling again gives the order as it is.',
    tag,
    access: { kind: 'user' },
    priority: 'buy',
    params: orderParams,
    responses: {
      200: { description: 'Cancelled or refunded', schema: Order },
      202: { description: 'Cancelling goes on', schema: Order, headers: pendingHeaders },
    },
    problems: ['not-found', 'not-cancellable'],
  }),
  streamOrder: defineEndpoint({
    operationId: 'streamOrder',
    method: 'get',
    path: '/api/v1/orders/{orderId}/events',
    summary: 'Follow an own order as server-sent events',
    description:
      'Each transition is an event `transition` whose id is its sequence and whose data is an OrderTransition. Resumes ' +
      'after Last-Event-ID; ends after a final state. At most 5 streams a user and server.',
    tag,
    access: { kind: 'user' },
    priority: 'browse',
    stream: true,
    params: orderParams,
    headers: z.object({
      'last-event-id': z
        .string()
        .regex(/^[0-9]{1,9}$/, 'must be the id of an event of this stream')
        .optional()
        .meta({ description: 'id of the last event that was read, to go on after it', examples: ['2'] }),
    }),
    responses: {
      200: {
        description: 'The transitions',
        contentType: 'text/event-stream',
        events: {
          transition: { description: 'The order went on', id: '5', data: Transition },
        },
      },
    },
    problems: ['not-found', 'rate-limited'],
  }),
  searchOrders: defineEndpoint({
    operationId: 'searchOrders',
    method: 'get',
    path: '/api/v1/admin/orders',
    summary: 'Search all orders, newest first',
    tag: 'admin',
    access: { kind: 'role', role: 'admin' },
    priority: 'browse',
    query: PageQuery.extend({
      status: OrderStatus.optional(),
      state: OrderState.optional(),
      userId: Id.optional(),
    }),
    responses: { 200: { description: 'One page', schema: page(AdminOrder) } },
  }),
} as const;

export const orderInternal = {
  exportUser: defineEndpoint({
    operationId: 'exportOrders',
    method: 'get',
    path: '/internal/users/{userId}/export',
    summary: 'Everything that order stores about a person',
    tag: 'internal',
    access: { kind: 'service', callers: ['profile'] },
    priority: 'browse',
    params: z.object({ userId: Id }),
    responses: {
      200: {
        description: 'Their newest orders, at most 1,000',
        schema: z.object({ items: z.array(z.record(z.string(), z.unknown())).max(1000) }),
      },
    },
  }),
} as const;
