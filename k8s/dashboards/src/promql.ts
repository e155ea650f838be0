/** PromQL that several dashboards share. `where` holds further label matchers. */
const inside = (where: string) => `{namespace=~"$namespace"${where && `, ${where}`}}`;

export const metric = (name: string, where = '') => `${name}${inside(where)}`;

/** Per second, over the window that Grafana finds right for the resolution. */
export const rate = (name: string, where = '') => `rate(${metric(name, where)}[$__rate_interval])`;

export const sumRate = (by: string, name: string, where = '') => `sum by (${by}) (${rate(name, where)})`;

/**
 * Of what seldom happens: only what does, and a single 0 while all is well, so that the panel is neither full nor empty.
 * @param labels those by which the legend names it; the 0 has "none" there
 */
export const seldom = (expression: string, ...labels: readonly string[]) =>
  `((${expression}) > 0) or on() ${labels.reduce((zero, label) => `label_replace(${zero}, "${label}", "none", "", "")`, 'vector(0)')}`;

export const quantile = (share: number, by: string, histogram: string, where = '') =>
  `histogram_quantile(${share}, sum by (${by ? `${by}, ` : ''}le) (${rate(`${histogram}_bucket`, where)}))`;

/** What is the same in every replica, such as the state of a shared database or queue. */
export const maxBy = (by: string, name: string, where = '') => `max by (${by}) (${metric(name, where)})`;

/** Requests but event streams, which last as long as people look. */
export const noStreams = 'route!~".*/(events|stream)"';

export const requests = 'http_server_request_duration_seconds';
