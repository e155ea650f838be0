import { browse } from './browse';
import { buy } from './buy';
import { flashSale } from './flash-sale';
import type { Scenario } from './scenario';
import { soak } from './soak';

export const scenarios: readonly Scenario[] = [browse, buy, flashSale, soak];
