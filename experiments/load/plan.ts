import type { Customer } from './customers';

/** How many people a second come to do what. They come whether or not the shop keeps up. */
export interface Rates {
  /** Look at the catalog: its list, a product. */
  readonly browse: number;
  /** Search it. */
  readonly search?: number;
  /** Look at a product and order it, every fifth after signing in. */
  readonly buy: number;
  /** Look at their own orders. */
  readonly account?: number;
}

export interface LoadPlan {
  readonly origin: string;
  readonly seed: number;
  readonly seconds: number;
  readonly rates: Rates;
  readonly customers: readonly Customer[];
  readonly products: readonly string[];
  /** What buyers pay with, each as often as it is in the list. Default: pm_ok. */
  readonly paymentMethods?: readonly string[];
  /** Part of the orders that are for the first product: a hot one. Default 0. */
  readonly hotShare?: number;
  /** Ms after which a person gives up. Default 30,000. */
  readonly patienceMs?: number;
}
