import { type State, transitions } from '@bulkhead/app/order/src/saga/states';
import { invariants } from './invariants';
import { runChecks } from './run-checks';
import { legalHistories } from './testing/legal-histories';
import { legalPayments } from './testing/legal-payments';
import { legalReservations } from './testing/legal-reservations';
import { mistakes } from './testing/mistakes';
import { plantHistories } from './testing/plant-histories';
import { createPlantBed, type PlantBed, type PlantedShop } from './testing/planted-shop';

describe('the invariants of a shop', () => {
  let bed: PlantBed;
  let planted: PlantedShop;
  beforeAll(async () => {
    bed = await createPlantBed();
  }, 120_000);
  afterAll(() => bed?.drop());
  beforeEach(async () => {
    planted = await bed.plantShop();
  });
  afterEach(() => planted?.close());

  it('all hold where nothing went wrong, and each has looked at something', async () => {
    const report = await runChecks(planted.shop, 5_000);
    expect(report.invariants.filter(({ verdict }) => verdict !== 'holds')).toEqual([]);
    expect(report.invariants.filter(({ examined }) => examined === 0)).toEqual([]);
    expect(report).toMatchObject({ verdict: 'holds', quiescence: { reached: true } });
  });

  it.each(mistakes)('notice when $what', async ({ noticed, problem, plant, options }) => {
    await plant(planted);
    const shop = options ? planted.reopen(options(planted)) : planted.shop;
    const report = await runChecks(shop, 0);
    expect(report.verdict).toBe('broken');
    const broken = report.invariants.find(({ name }) => name === noticed);
    expect(broken).toMatchObject({ verdict: 'broken' });
    expect(broken!.offences.map((offence) => offence.problem).join('\n')).toMatch(problem);
  });

  it('are each broken by at least one of these mistakes', () => {
    const noticed = new Set(mistakes.map((mistake) => mistake.noticed));
    expect(invariants.filter(({ name }) => !noticed.has(name))).toEqual([]);
  });

  it('let a dead letter pass that was expected', async () => {
    await planted.plant(
      'notification',
      `insert into dead_letter (consumer_group, message_id, event_type, body, attempts, reason)
        values ('notification.orders', 'expected', 'order.confirmed.v1', '{}', 5, 'poison')`,
    );
    const report = await runChecks(planted.reopen({ explained: ['expected'] }), 0);
    expect(report.invariants.find(({ name }) => name === 'no-dead-letters')).toMatchObject({
      verdict: 'holds',
    });
  });

  it('let a second mail pass whose sender was killed while it sent the first', async () => {
    await planted.plant('notification', 'update mail set attempt = 2');
    await planted.deliverMail(planted.order.eventId);
    const report = await runChecks(planted.shop, 0);
    expect(report.invariants.find(({ name }) => name === 'mails-arrive-once')).toMatchObject({
      verdict: 'holds',
    });
  });

  it('expect no notifications to an erased user', async () => {
    await planted.plant('order', 'update orders set user_id = gen_random_uuid()');
    await planted.plant('notification', 'delete from notification');
    await planted.plant('notification', 'delete from mail');
    const report = await runChecks(planted.shop, 0);
    expect(report.invariants.find(({ name }) => name === 'endings-are-told-once')).toMatchObject({
      verdict: 'holds',
    });
  });

  it('find nothing wrong with any history that the state machines allow', async () => {
    const histories = legalHistories();
    await plantHistories(planted, histories);
    const report = await runChecks(planted.shop, 0);
    expect(report.invariants.filter(({ offences }) => offences.length > 0)).toEqual([]);
    expect(report).toMatchObject({ verdict: 'holds', quiescence: { reached: true } });
    expect(histories.length).toBeGreaterThan(200);
  });

  it('have seen every transition of an order, every rest of a payment and every reservation among these', () => {
    const histories = legalHistories();
    const moves = (Object.keys(transitions) as State[]).flatMap((from) =>
      transitions[from].map((to) => `${from} ${to}`),
    );
    const seen = histories.flatMap(({ path }) => path.slice(1).map((to, index) => `${path[index]} ${to}`));
    expect(moves.filter((move) => !seen.includes(move))).toEqual([]);
    const unseen = <T>(all: readonly T[], used: readonly T[]) =>
      all.filter((one) => !used.some((other) => JSON.stringify(one) === JSON.stringify(other)));
    // Money that goes back under a saga that never asked, or of which the saga gave back but a part, is no history.
    const rests = legalPayments().filter(
      ({ status, refunds }) => status !== 'partially_refunded' || refunds[0]?.by !== 'saga',
    );
    expect(
      unseen(
        rests,
        histories.map(({ payment }) => payment),
      ),
    ).toEqual([]);
    const reservations = legalReservations().filter((each) => each?.state !== 'held');
    expect(
      unseen(
        reservations,
        histories.map(({ reservation }) => reservation),
      ),
    ).toEqual([]);
  });

  it('let the shop forget after a month which mails it sent', async () => {
    await planted.plant('order', `update orders set created_at = created_at - interval '31 days'`);
    await planted.plant('order', `update order_transition set at = at - interval '31 days'`);
    await planted.plant('notification', 'delete from mail');
    const holds = async () =>
      (await runChecks(planted.shop, 0)).invariants.find(({ name }) => name === 'endings-are-told-once')!
        .verdict;
    expect(await holds()).toBe('holds');
    // What is shown in the shop is kept for longer.
    await planted.plant('notification', 'delete from notification');
    expect(await holds()).toBe('broken');
  });

  it('are read without being able to write', async () => {
    // SQLSTATE read_only_sql_transaction
    await expect(planted.shop.ask('order', 'delete from order_line')).rejects.toThrow(/25006/);
  });
});
