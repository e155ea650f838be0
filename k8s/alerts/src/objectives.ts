/** What is promised, over 30 days. */
export interface Objective {
  readonly slo: 'availability' | 'latency' | 'settled';
  /** Every service by itself, or the way of a buyer through all of them. */
  readonly who: 'services' | 'buy';
  /** The service that measures it, where that is one. */
  readonly of?: 'gateway' | 'order';
  readonly about: string;
  /** Share that must be good. */
  readonly target: number;
  readonly alert: string;
  /** PromQL: requests a second, and those of them that were not good. */
  readonly requests: string;
  readonly errors: string;
}

const answers = 'http_server_request_duration_seconds';
const buying = 'service="gateway", method="POST", route="/api/v1/orders"';
const noStreams = 'route!~".*/(events|stream)"';
const rate = (series: string) => `sum by (namespace, service) (rate(${series}[5m]))`;

/** What is not among the good; `rate` extrapolates each series by itself, so that few values may differ the wrong way. */
const lacking = (all: string, good: string) => `clamp_min(${all} - ${good}, 0)`;

/** Of two spellings of a bucket’s edge, the one that is there: client libraries and Prometheus 3 differ. */
const bucket = (name: string, where: string, edge: string) => `${name}_bucket{${where}le=~"${edge}"}`;

export const objectives: readonly Objective[] = [
  {
    slo: 'availability',
    who: 'buy',
    of: 'gateway',
    target: 0.999,
    alert: 'BuyAvailabilityBurn',
    about: 'Buying: 99.9 % of attempts do not fail with 5xx',
    requests: rate(`${answers}_count{${buying}}`),
    errors: rate(`${answers}_count{${buying}, status=~"5.."}`),
  },
  {
    slo: 'latency',
    who: 'buy',
    of: 'gateway',
    target: 0.99,
    alert: 'BuyLatencyBurn',
    about: 'Buying: 99 % of attempts complete within 500 ms',
    requests: rate(`${answers}_count{${buying}}`),
    errors: lacking(rate(`${answers}_count{${buying}}`), rate(bucket(answers, `${buying}, `, '0[.]5'))),
  },
  {
    slo: 'settled',
    who: 'buy',
    of: 'order',
    target: 0.99,
    alert: 'OrdersSettleLate',
    about: 'Buying: 99 % of orders are settled within 60 s',
    requests: rate('order_settle_duration_seconds_count'),
    errors: lacking(
      rate('order_settle_duration_seconds_count'),
      rate(bucket('order_settle_duration_seconds', '', '60([.]0)?')),
    ),
  },
  {
    slo: 'availability',
    who: 'services',
    target: 0.999,
    alert: 'ServiceAvailabilityBurn',
    about: 'Every service: 99.9 % of requests do not fail with 5xx',
    requests: rate(`${answers}_count`),
    errors: rate(`${answers}_count{status=~"5.."}`),
  },
  {
    slo: 'latency',
    who: 'services',
    target: 0.99,
    alert: 'ServiceLatencyBurn',
    about: 'Every service: 99 % of requests complete within 500 ms',
    requests: rate(`${answers}_count{${noStreams}}`),
    errors: lacking(rate(`${answers}_count{${noStreams}}`), rate(bucket(answers, `${noStreams}, `, '0[.]5'))),
  },
];
