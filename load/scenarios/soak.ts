import { constant } from '../arrivals';
import { browse, buy } from '../journeys';
import { failures, p99, steady, rejected } from '../thresholds';
import type { Scenario } from './scenario';

/** One visit in this many is a purchase. */
const purchaseEvery = 20;

export const soak: Scenario = {
  name: 'soak',
  about: `a steady day: page views, and one purchase in ${purchaseEvery} of them; finds what leaks`,
  defaults: { rate: 20, seconds: 600 },
  stages: (rate, seconds) => [constant(rate, seconds)],
  buyers: 1 / purchaseEvery,
  thresholds: [
    p99('product page', 200),
    p99('order', 500),
    p99('settled', 60_000),
    steady('product page', 1.5, 5),
    steady('order', 1.5, 20),
    failures(0.001),
    rejected(0.01),
  ],
  begin: async (world) => ({
    journey: (dueAt, index) =>
      index % purchaseEvery === 0 ? buy(world, dueAt, index / purchaseEvery) : browse(world, dueAt, index),
  }),
};
