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

/** A time in which more people come, or all for the same thing. */
export interface Surge {
  /** Ms from the start. */
  readonly from: number;
  readonly to: number;
  /** How many times as many browse, and buy. Default 1. */
  readonly browse?: number;
  readonly buy?: number;
  /** Part of the orders that are for the first product. Default 0. */
  readonly hotShare?: number;
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
  readonly surge?: Surge;
  /**
   * How often a buyer without an order, for want of an answer or because of a 5xx, asks again with the same
   * Idempotency-Key, a second later. Default 0: experiments count every refusal.
   */
  readonly buyerRetries?: number;
  /** Ms after which a person gives up. Default 30,000. */
  readonly patienceMs?: number;
}
