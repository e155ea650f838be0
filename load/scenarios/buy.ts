import { constant, ramp } from '../arrivals';
import { buy as purchase } from '../journeys';
import { failures, p99, rejected } from '../thresholds';
import type { Scenario } from './scenario';

export const buy: Scenario = {
  name: 'buy',
  about: 'purchases: the product, the order, and how it ends',
  defaults: { rate: 10, seconds: 60 },
  stages: (rate, seconds) => [ramp(rate / 4, rate, seconds / 4), constant(rate, (seconds * 3) / 4)],
  buyers: 1,
  thresholds: [
    p99('product page', 200),
    // The objective of the shop: 99 % of purchases are answered in 500 ms and settled within 60 s.
    p99('order', 500),
    p99('settled', 60_000),
    failures(0.001),
    rejected(0.01),
  ],
  begin: async (world) => ({ journey: (dueAt, index) => purchase(world, dueAt, index) }),
};
