import { isFinal, isForward, type State, transitions } from '@bulkhead/app/order/src/saga/states';
import { resolutionsOf } from '@bulkhead/app/order/src/operator/orders-command';

/** A way through the saga's table, from `placed` to an end. */
export type OrderPath = readonly State[];

/**
 * Every way of an order through the saga's own table to an end at which it rests, with at most one stay in
 * `needs_attention`: an operator lets it go on from where it stopped, or says how it ended; or its buyer is erased.
 */
export function legalOrderPaths(path: OrderPath = ['placed']): OrderPath[] {
  const at = path.at(-1)!;
  const onward = nextOf(path).flatMap((next) => legalOrderPaths([...path, next]));
  return isFinal(at) ? [path, ...onward] : onward;
}

function nextOf(path: OrderPath): readonly State[] {
  const [before, at] = [path.at(-2), path.at(-1)!];
  const legal: readonly State[] = transitions[at];
  if (at !== 'needs_attention')
    return path.includes('needs_attention') ? legal.filter((to) => to !== 'needs_attention') : legal;
  const byOperator = [before!, ...resolutionsOf(before)];
  return legal.filter((to) => byOperator.includes(to) || (to === 'cancelling' && isForward(before!)));
}
