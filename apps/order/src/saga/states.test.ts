import { OrderState } from '@bulkhead/contracts/order/api';
import { isFinal, isLegal, type State, statesOf, statusOf, transitions } from './states';

const states = OrderState.options;

describe('the states of an order', () => {
  it('are those the API shows, each with its transitions', () => {
    expect(Object.keys(transitions).sort()).toEqual([...states].sort());
  });

  it('lead from placed to each of them, and on to an end', () => {
    const reach = (from: State, seen = new Set<State>([from])): Set<State> => {
      for (const next of transitions[from]) if (!seen.has(next)) reach(next, seen.add(next));
      return seen;
    };
    expect([...reach('placed')].sort()).toEqual([...states].sort());
    for (const state of states) expect([...reach(state)].some(isFinal)).toBe(true);
  });

  it('never lead from an end to anything but a refund of what was confirmed', () => {
    const onward = states
      .filter(isFinal)
      .flatMap((from) => states.filter((to) => isLegal(from, to)).map((to) => [from, to]));
    expect(onward).toEqual([['confirmed', 'refunding']]);
  });

  it('are pending to a buyer until they are final', () => {
    expect(states.filter((state) => statusOf(state) !== 'pending')).toEqual(states.filter(isFinal));
    expect(statesOf('pending')).toContain('needs_attention');
    expect(statesOf('refunded')).toEqual(['refunded']);
  });
});
