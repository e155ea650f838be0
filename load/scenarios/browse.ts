import { constant, ramp } from '../arrivals';
import { browse as visit } from '../journeys';
import { failures, p99, rejected } from '../thresholds';
import type { Scenario } from './scenario';

export const browse: Scenario = {
  name: 'browse',
  about: 'page views: the catalog, searches, products',
  defaults: { rate: 40, seconds: 60 },
  stages: (rate, seconds) => [ramp(rate / 4, rate, seconds / 4), constant(rate, (seconds * 3) / 4)],
  buyers: 0,
  thresholds: [
    p99('catalog list', 200),
    p99('search', 300),
    p99('product page', 200),
    failures(0.001),
    rejected(0.01),
  ],
  begin: async (world) => ({ journey: (dueAt, index) => visit(world, dueAt, index) }),
};
