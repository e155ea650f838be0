import { eventually } from '@bulkhead/testing/eventually';
import fc from 'fast-check';
import { newId } from '../testing/payment-world';
import type { StripeEvent, StripeFault } from '../testing/stripe-server';
import { startStripeWorld, type StripeWorld } from '../testing/stripe-world';

const faults: (StripeFault | undefined)[] = [
  undefined,
  'error',
  'error-after',
  'cut',
  'cut-after',
  'proxy',
  429,
];

/** An order that is given up in the end, and what happens to its payment until then. */
const Story = fc.record({
  method: fc.constantFrom(
    'pm_card_visa',
    'pm_card_authenticationRequired',
    'pm_card_chargeDeclinedInsufficientFunds',
    'pm_processing',
  ),
  /** Of its requests to Stripe, one after the other; those after these go well. */
  faults: fc.array(fc.constantFrom(...faults), { maxLength: 6 }),
  steps: fc.array(fc.constantFrom('deliver', 'confirm', 'refuse', 'settle', 'reconcile', 'give up'), {
    maxLength: 8,
  }),
  /** Which of the events so far arrives with each delivery, and in what order the rest arrives in the end. */
  draws: fc.array(fc.nat(), { minLength: 8, maxLength: 8 }),
});
type Story = typeof Story extends fc.Arbitrary<infer Value> ? Value : never;

describe('an order that is given up', () => {
  let world: StripeWorld;
  beforeAll(async () => {
    world = await startStripeWorld({ PAYMENT_PROVIDER_TIMEOUT_MS: '2000' });
  }, 60_000);
  afterAll(() => world?.stop());

  const intentsOf = (orderId: string) => world.stripe.intentsOf(orderId);
  const eventsOf = (orderId: string): StripeEvent[] => {
    const ids = new Set(intentsOf(orderId).map(({ id }) => id));
    return world.stripe.events.filter(({ data }) => {
      const { id, payment_intent } = data.object as { id: string; payment_intent?: string };
      return ids.has(id) || ids.has(payment_intent ?? '');
    });
  };

  async function live(orderId: string, story: Story): Promise<void> {
    const { stripe, send, ask } = world;
    const draws = [...story.draws];
    const steps = {
      deliver: async () => {
        const events = eventsOf(orderId);
        if (events.length > 0) await send(events[draws.pop()! % events.length]!);
      },
      confirm: () => authenticate('confirmed'),
      refuse: () => authenticate('refused'),
      settle: () => each('processing', (id) => stripe.settle(id)),
      reconcile: () => world.hurry(),
      'give up': async () => void (await ask('POST', `${orderId}/void`)),
    };
    const each = async (status: string, act: (id: string) => void) => {
      for (const intent of intentsOf(orderId)) if (intent.status === status) act(intent.id);
      return Promise.resolve();
    };
    const authenticate = (outcome: 'confirmed' | 'refused') =>
      each('requires_action', (id) => stripe.authenticate(id, outcome));

    await world.authorise(orderId, story.method);
    for (const step of story.steps) await steps[step]();
    await steps['give up']();
  }

  /** Everything arrives that was ever told, most of it late and some of it twice. */
  async function deliverRest(orderId: string, { draws }: Story): Promise<void> {
    const events = eventsOf(orderId);
    const order = events.map((event, at) => ({ event, rank: (draws[at % draws.length]! * (at + 7)) % 101 }));
    for (const { event, rank } of order.sort((a, b) => a.rank - b.rank)) {
      await world.send(event);
      if (rank % 3 === 0) await world.send(event);
    }
  }

  test('keeps no hold, whatever went wrong and in whatever order its events arrive', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(Story, { minLength: 30, maxLength: 30, size: 'max' }), async (stories) => {
        const orders = stories.map((story) => ({ story, orderId: newId() }));
        const left = new Map(orders.map(({ orderId, story }) => [orderId, [...story.faults]]));
        world.stripe.fault = ({ path, key }) => {
          const id = path.split('/')[3] ?? '';
          const orderId = key?.slice(0, 36) ?? world.stripe.intents.get(id)?.metadata['order_id'] ?? '';
          return left.get(orderId)?.shift();
        };
        await Promise.all(orders.map(({ orderId, story }) => live(orderId, story)));
        left.clear();
        const rest = async (orderId: string, story: Story) => {
          await deliverRest(orderId, story);
          await eventually(async () => {
            await world.hurry();
            return ['voided', 'declined'].includes(await world.statusOf(orderId));
          });
          await deliverRest(orderId, story);
          expect(['voided', 'declined']).toContain(await world.statusOf(orderId));
          // Nothing is held, and nothing is left that a buyer could still confirm.
          const open = ['requires_capture', 'requires_action', 'processing', 'succeeded'];
          expect([story, intentsOf(orderId).filter(({ status }) => open.includes(status))]).toEqual([
            story,
            [],
          ]);
        };
        await Promise.all(orders.map(({ orderId, story }) => rest(orderId, story)));
      }),
      { numRuns: Number(process.env['STORIES'] ?? 1), endOnFailure: true },
    );
  }, 300_000);
});
