import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type { SimulatedCharge } from '../providers/simulated';
import { signWebhook } from '../providers/webhook-signature';
import { newId, type PaymentWorld, startPaymentWorld, webhookSecret } from '../testing/payment-world';

describe('a signed webhook with contradictory content', () => {
  let world: PaymentWorld;
  const admin = newId();
  beforeAll(async () => {
    world = await startPaymentWorld();
  }, 60_000);
  afterAll(() => world?.stop());

  async function send(body: unknown): Promise<number> {
    const text = JSON.stringify(body);
    const response = await fetch(`${world.service.origin}/api/v1/payments/webhooks/simulated`, {
      method: 'POST',
      headers: {
        ...(await world.service.anonymous()),
        'content-type': 'application/json',
        'webhook-signature': signWebhook(text, webhookSecret, Date.now()),
      },
      body: text,
    });
    await response.arrayBuffer();
    return response.status;
  }
  const asAdmin = async (path: string, method = 'GET') => {
    const response = await fetch(`${world.service.origin}/api/v1/payments/${path}`, {
      method,
      headers: await world.service.as(admin, ['customer', 'admin']),
    });
    return (await response.json()) as Record<string, unknown>;
  };

  /** A payment of 42.00 euros whose money is held, or taken. @returns its ids and the provider's charge */
  async function paid(how: 'held' | 'taken') {
    const orderId = newId();
    const { body } = await world.authorise(orderId);
    if (how === 'taken') await world.order('POST', `${orderId}/capture`);
    return { orderId, paymentId: body.paymentId, charge: world.chargesOf(orderId)[0]! };
  }
  const refund = (amount: number) => ({
    id: `re_${randomUUID()}`,
    refundId: null,
    amount,
    status: 'succeeded' as const,
    failure: null,
  });
  const captured = { status: 'captured', captured: 4_200 } as const;

  test.each<[string, 'held' | 'taken', Partial<SimulatedCharge>, string]>([
    [
      'that more was taken than was to be paid',
      'held',
      { ...captured, captured: 4_201 },
      'captured-too-much',
    ],
    ['that it was taken in another currency', 'held', { ...captured, currency: 'USD' }, 'other-currency'],
    [
      'that a second charge of the order was taken',
      'held',
      { ...captured, id: `ch_${randomUUID()}` },
      'other-charge',
    ],
    ['that more was given back than was taken', 'taken', { refunds: [refund(4_201)] }, 'refunded-too-much'],
    [
      'that more was given back than was taken, in parts',
      'taken',
      { refunds: [refund(4_000), refund(201)] },
      'refunded-too-much',
    ],
    ['that money was given back which was not taken', 'held', { refunds: [refund(1)] }, 'refunded-too-much'],
  ])('is not believed when it says %s, and a person has to look', async (_, how, lie, contradiction) => {
    const { orderId, paymentId, charge } = await paid(how);
    const before = (await world.order('GET', orderId)).body;
    const count = async () =>
      Number(
        new RegExp(`payment_provider_contradictions_total\\{[^}]*"${contradiction}"[^}]*\\} (\\d+)`).exec(
          await world.service.metrics(),
        )?.[1] ?? 0,
      );
    const counted = await count();
    expect(await send({ id: `evt_${randomUUID()}`, charge: { ...charge, ...lie } })).toBe(200);
    expect((await world.order('GET', orderId)).body).toEqual(before);
    expect(await asAdmin(paymentId)).toMatchObject({ needsAttention: true, attention: 'contradicted' });
    expect(await count()).toBe(counted + 1);

    // Asking about it changes nothing; that a person has looked does.
    await world.order('POST', `${orderId}/capture`);
    expect(await asAdmin(paymentId)).toMatchObject({ status: 'captured', attention: 'contradicted' });
    expect(await asAdmin(`${paymentId}/acknowledge`, 'POST')).toMatchObject({
      status: 'captured',
      needsAttention: false,
      attention: null,
    });
  });

  test('is believed when it says that money was taken of a payment that had ended, and a person has to look', async () => {
    const { orderId, paymentId, charge } = await paid('held');
    await world.order('POST', `${orderId}/void`);
    expect(await send({ id: `evt_${randomUUID()}`, charge: { ...charge, ...captured } })).toBe(200);
    expect(await asAdmin(paymentId)).toMatchObject({ status: 'captured', attention: 'captured-unasked' });
  });

  test('of a payment that does not exist can be neither acknowledged nor believed', async () => {
    const { charge } = await paid('held');
    expect(await send({ id: `evt_${randomUUID()}`, charge: { ...charge, orderId: newId() } })).toBe(200);
    expect(await asAdmin(`${newId()}/acknowledge`, 'POST')).toMatchObject({ status: 404 });
  });

  test('is 200 or 400 whatever it says, and the books agree with the payments afterwards', async () => {
    const subjects: Awaited<ReturnType<typeof paid>>[] = [];
    for (let round = 0; round < 4; round++) {
      const [held, voided] = [await paid('held'), await paid('held')];
      const [taken, givenBack] = [await paid('taken'), await paid('taken')];
      await world.order('POST', `${voided.orderId}/void`);
      await world.order('POST', `${givenBack.orderId}/refund`);
      subjects.push(held, voided, taken, givenBack);
    }
    const charges = subjects.map(({ orderId }) => world.chargesOf(orderId)[0]!);

    const amount = fc.constantFrom(0, 1, 200, 4_000, 4_199, 4_200, 4_201, 99_999);
    const told = fc.record({
      id: fc.constantFrom('re_1', 're_2', 're_3'),
      refundId: fc.constantFrom(null, 're_1', ...subjects.map(({ paymentId }) => paymentId)),
      amount: fc.constantFrom(1, 200, 4_000, 4_200, 4_201),
      status: fc.constantFrom('pending', 'succeeded', 'failed'),
      failure: fc.constantFrom(null, 'lost'),
    });
    const plausible = fc.record(
      {
        status: fc.constantFrom('requires_action', 'authorised', 'declined', 'captured', 'voided'),
        currency: fc.constantFrom('EUR', 'EUR', 'USD'),
        amount,
        captured: amount,
        refunded: amount,
        refunds: fc.array(told, { maxLength: 3 }),
      },
      { requiredKeys: [] },
    );
    const another = fc.constantFrom(...charges).map(({ id }) => ({ id }));
    const nonsense = fc.constantFrom<unknown>(
      ...[
        '',
        '\u0000',
        'a\u0000b',
        '\ud800',
        'x'.repeat(300),
        -1,
        0.5,
        2 ** 53,
        1e300,
        true,
        {},
        [[]],
        undefined,
      ],
    );
    const names = [
      'id',
      'orderId',
      'status',
      'currency',
      'reason',
      'actionUrl',
      'captured',
      'refunded',
      'refunds',
    ];
    const broken = fc.oneof(
      { weight: 9, arbitrary: fc.constant({}) },
      { weight: 1, arbitrary: another },
      {
        weight: 1,
        arbitrary: fc.tuple(fc.constantFrom(...names), nonsense).map(([name, value]) => ({ [name]: value })),
      },
    );
    const someCharge = fc
      .tuple(fc.constantFrom(...charges), plausible, broken)
      .map(([charge, changes, more]) => ({ ...charge, ...changes, ...more }));
    const event = fc.oneof(
      { weight: 20, arbitrary: fc.record({ id: fc.uuid(), charge: someCharge }) },
      { weight: 1, arbitrary: fc.record({ id: nonsense, charge: someCharge }, { requiredKeys: [] }) },
      { weight: 1, arbitrary: fc.jsonValue() },
    );

    const responses = new Map<number, number>();
    await fc.assert(
      fc.asyncProperty(event, async (body) => {
        const status = await send(body);
        responses.set(status, (responses.get(status) ?? 0) + 1);
        expect({ body, status }).toEqual({ body, status: status === 400 ? 400 : 200 });
      }),
      { numRuns: 300, seed: 20_251_129 },
    );

    // The lies are worth something only if most of them are understood.
    expect(responses.get(200)).toBeGreaterThan(150);
    expect(responses.get(400)).toBeGreaterThan(15);
    expect((await world.ledger()).sum).toBe(0);
    const { rows } = await world.service.database.query({
      text: `select id from payments where captured - refunded <> coalesce((
          select sum(e.amount) from ledger_entries e join ledger_transactions t on t.id = e.transaction_id
          where t.payment_id = payments.id and e.account = 'provider_receivable'), 0)
        or refunded <> coalesce((select sum(amount) from refunds where payment_id = payments.id and status = 'succeeded'), 0)`,
    });
    expect(rows).toEqual([]);
  }, 60_000);
});
