import fc from 'fast-check';
import type { Weather } from '../testing/direct-clients';
import { createSagaLab, type Crash, type SagaLab } from '../testing/saga-lab';
import { isFinal, isLegal, type State } from './states';

const weathers: Weather[] = ['fine', 'not-sent', 'lost', 'answer-lost', 'late'];
const news = [
  'payment.authorised.v1',
  'payment.action-required.v1',
  'payment.declined.v1',
  'payment.captured.v1',
  'payment.failed.v1',
  'payment.voided.v1',
  'payment.refunded.v1',
  'reservation.expired.v1',
];

/** What happens to an order. Those in one list happen at once. */
type Happening =
  | {
      kind:
        'work' | 'cancel' | 'expire' | 'late' | 'bank-approves' | 'reservation-expires' | 'retry' | 'restock';
    }
  | { kind: 'news'; type: string };

const often = (weight: number, ...kinds: Exclude<Happening['kind'], 'news'>[]) => ({
  weight,
  arbitrary: fc.constantFrom(...kinds).map((kind): Happening => ({ kind })),
});

const happening: fc.Arbitrary<Happening> = fc.oneof(
  often(12, 'work', 'retry'),
  often(5, 'late', 'bank-approves', 'cancel'),
  often(2, 'expire', 'reservation-expires', 'restock'),
  { weight: 3, arbitrary: fc.constantFrom(...news).map((type): Happening => ({ kind: 'news', type })) },
);

const story = fc.record({
  paymentMethod: fc.constantFrom('pm_ok', 'pm_ok', 'pm_requires_action', 'pm_declined'),
  stock: fc.constantFrom(1, 1, 0),
  weather: fc.array(
    fc.oneof({ weight: 1, arbitrary: fc.constant<Weather>('fine') }, fc.constantFrom(...weathers)),
    {
      maxLength: 12,
      size: 'max',
    },
  ),
  crashes: fc.array(fc.constantFrom<Crash>('none', 'none', 'none', 'before', 'after'), {
    maxLength: 12,
    size: 'max',
  }),
  happenings: fc.array(fc.array(happening, { minLength: 1, maxLength: 2 }), {
    minLength: 2,
    maxLength: 10,
    size: 'max',
  }),
});

describe('whatever happens to an order', () => {
  let lab: SagaLab;
  beforeAll(async () => {
    lab = await createSagaLab();
  });
  afterAll(() => lab.stop());

  const total = 700;
  let stories = 0;

  async function happen(orderId: string, sku: string, what: Happening): Promise<unknown> {
    const userId = () =>
      lab.database
        .query<{ user_id: string }>({ text: 'select user_id from orders where id = $1', values: [orderId] })
        .then(({ rows }) => rows[0]?.user_id ?? '');
    switch (what.kind) {
      case 'work':
        return lab.work(orderId);
      case 'restock':
        return lab.shop.stock.set(sku, 1);
      case 'cancel':
        return lab.cancel(await userId(), orderId);
      case 'expire':
        return lab.expire(orderId);
      case 'retry':
        return lab.passTime(orderId).then(() => lab.work(orderId));
      case 'late':
        return lab.network.late.shift()?.();
      case 'news':
        return lab.publish(what.type, orderId);
      case 'bank-approves': {
        const payment = lab.shop.payments.get(orderId);
        if (payment?.status === 'requires_action') payment.status = 'authorised';
        return lab.publish('payment.authorised.v1', orderId);
      }
      case 'reservation-expires': {
        const reservation = lab.shop.reservations.get(orderId);
        if (reservation?.state !== 'held') return undefined;
        reservation.state = 'expired';
        return lab.publish('reservation.expired.v1', orderId);
      }
    }
  }

  /** The network and the database are well again; the order is seen through. */
  async function seeThrough(orderId: string, sku: string): Promise<void> {
    lab.network.weather = () => 'fine';
    lab.control.crash = () => 'none';
    for (let round = 0; round < 10; round++) {
      await lab.passTime(orderId);
      await lab.work(orderId);
      await lab.drain();
      const { state } = await orderRow(orderId);
      if (isFinal(state)) break;
      await happen(orderId, sku, { kind: 'bank-approves' });
    }
    // What was under way all the while arrives at last, and all news is told once more.
    lab.shop.stock.set(sku, 1);
    for (const late of lab.network.late.splice(0)) await late();
    for (const type of news) await lab.publish(type, orderId);
    await lab.passTime(orderId);
    await lab.work(orderId);
    await lab.drain();
  }

  const orderRow = async (orderId: string) => {
    const { rows } = await lab.database.query<{ state: State; version: number; due_at: Date | null }>({
      text: 'select state, version, due_at from orders where id = $1',
      values: [orderId],
    });
    return rows[0] as (typeof rows)[0];
  };

  async function checkEnd(orderId: string, sku: string): Promise<void> {
    const { state, version, due_at } = await orderRow(orderId);
    expect(isFinal(state)).toBe(true);
    expect(due_at).toBeNull();

    const timeline = await lab.database.query<{ sequence: number; state: State }>({
      text: 'select sequence, state from order_transition where order_id = $1 order by sequence',
      values: [orderId],
    });
    const states = timeline.rows.map((row) => row.state);
    expect(timeline.rows.map(({ sequence }) => sequence)).toEqual(states.map((_, index) => index + 1));
    expect([states[0], states.at(-1), states.length]).toEqual(['placed', state, version]);
    states.slice(1).forEach((to, index) => expect(isLegal(states[index] as State, to)).toBe(true));

    const told = await lab.database.query<{ type: string }>({
      text: 'select type from outbox where subject = $1 order by position',
      values: [orderId],
    });
    const ends = states.filter(isFinal).map((end) => `order.${end}.v1`);
    expect(told.rows.map(({ type }) => type)).toEqual(['order.placed.v1', ...ends]);

    const payment = lab.shop.payments.get(orderId);
    const kept = (payment?.captured ?? 0) - (payment?.refunded ?? 0);
    const confirmed = state === 'confirmed';
    expect(kept).toBe(confirmed ? total : 0);
    // Nothing is held either: no authorisation outlives an order that was not confirmed.
    expect(['captured', 'voided', 'declined', 'refunded', undefined]).toContain(payment?.status);
    expect(lab.shop.taken(sku)).toBe(confirmed ? 1 : 0);
    if (confirmed) expect(lab.shop.reservations.get(orderId)?.state).toBe('committed');
  }

  it('it ends in one state, with one event, and with money and stock according to that state', async () => {
    const seen = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(story, async ({ paymentMethod, stock, weather, crashes, happenings }) => {
        const sku = `SKU-${stories++}`;
        lab.shop.stock.set(sku, stock);
        lab.network.late.length = 0;
        const nextWeather = [...weather];
        const nextCrash = [...crashes];
        lab.network.weather = () => nextWeather.shift() ?? 'fine';
        lab.control.crash = () => nextCrash.shift() ?? 'none';

        const orderId = await lab.place(sku, total, paymentMethod);
        for (const atOnce of happenings) await Promise.all(atOnce.map((what) => happen(orderId, sku, what)));
        await lab.drain();
        await seeThrough(orderId, sku);
        await checkEnd(orderId, sku);
        const { state } = await orderRow(orderId);
        seen.set(state, (seen.get(state) ?? 0) + 1);
      }),
      { numRuns: 500, seed: Number(process.env['FC_SEED'] ?? 20_250_101) },
    );
    // The stories are worth something only if they reach every end.
    expect([...seen.keys()].sort()).toEqual(['cancelled', 'confirmed', 'expired', 'refunded', 'rejected']);
  }, 120_000);
});
