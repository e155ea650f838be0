import { type Mix, operationNames, sum } from './costs';

/** How people use the shop. Assumptions: every one is a variable of the model, none is measured. */
export interface Habits {
  readonly pageViewsPerVisit: number;
  readonly ordersPerVisit: number;
  readonly signInsPerVisit: number;
  /** Of page views. */
  readonly searches: number;
  readonly catalogLists: number;
  /** Between two page views, in s. */
  readonly thinkSeconds: number;
  /** Part of a day's visits that come in its busiest hour. */
  readonly peakHourShare: number;
  /** The busiest minute of that hour over its average. */
  readonly peakMinute: number;
}

export const habits: Habits = {
  pageViewsPerVisit: 12,
  ordersPerVisit: 0.03,
  signInsPerVisit: 0.2,
  searches: 0.3,
  catalogLists: 0.25,
  thinkSeconds: 20,
  peakHourShare: 0.1,
  peakMinute: 1.5,
};

/** What a number of people asks of the shop. */
export interface Demand {
  readonly title: string;
  /** Arrivals of the mix per second, at the peak. */
  readonly perSecond: number;
  readonly ordersPerSecond: number;
  readonly ordersPerDay: number;
}

const requestsPerVisit = ({ pageViewsPerVisit, ordersPerVisit, signInsPerVisit }: Habits) =>
  pageViewsPerVisit + ordersPerVisit + signInsPerVisit;

/** What arrives, by kind. */
export function mixOf(of: Habits): Mix {
  const all = requestsPerVisit(of);
  const views = of.pageViewsPerVisit / all;
  const mix = {
    'catalog list': views * of.catalogLists,
    search: views * of.searches,
    'product page': views * (1 - of.catalogLists - of.searches),
    'sign-in': of.signInsPerVisit / all,
    purchase: of.ordersPerVisit / all,
  };
  if (Math.abs(sum(operationNames.map((name) => mix[name])) - 1) > 1e-9)
    throw new Error('shares must add up to 1');
  return mix;
}

/** `users` visit once a day each. Peak: users · requests a visit · busiest hour's share / 3600 · busiest minute. */
export function daily(users: number, of: Habits): Demand {
  const visitsPerSecond = ((users * of.peakHourShare) / 3_600) * of.peakMinute;
  return {
    title: `${users.toLocaleString('en')} users a day`,
    perSecond: visitsPerSecond * requestsPerVisit(of),
    ordersPerSecond: visitsPerSecond * of.ordersPerVisit,
    ordersPerDay: users * of.ordersPerVisit,
  };
}

/**
 * `users` are on the shop at one moment, each looking at a page every `thinkSeconds` (Little's law: rate = users /
 * think time). The day has as many visits as such a peak minute implies.
 */
export function concurrent(users: number, of: Habits): Demand {
  const viewsPerSecond = users / of.thinkSeconds;
  const visitsPerSecond = viewsPerSecond / of.pageViewsPerVisit;
  return {
    title: `${users.toLocaleString('en')} users at once`,
    perSecond: visitsPerSecond * requestsPerVisit(of),
    ordersPerSecond: visitsPerSecond * of.ordersPerVisit,
    ordersPerDay: ((visitsPerSecond * 3_600) / of.peakMinute / of.peakHourShare) * of.ordersPerVisit,
  };
}
