/** What is promised, over 30 days. */
export interface Objective {
  readonly slo: 'availability' | 'latency' | 'settled';
  /** Every service by itself, or the way of a buyer through all of them. */
  readonly who: 'services' | 'buy';
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
    target: 0.999,
    alert: 'BuyAvailabilityBurn',
    about: 'Buying: 99.9 % of attempts are answered without a fault of ours',
    requests: rate(`${answers}_count{${buying}}`),
    errors: rate(`${answers}_count{${buying}, status=~"5.."}`),
  },
  {
    slo: 'latency',
    who: 'buy',
    target: 0.99,
    alert: 'BuyLatencyBurn',
    about: 'Buying: 99 % of attempts are answered within 500 ms',
    requests: rate(`${answers}_count{${buying}}`),
    errors: lacking(rate(`${answers}_count{${buying}}`), rate(bucket(answers, `${buying}, `, '0[.]5'))),
  },
  {
    slo: 'settled',
    who: 'buy',
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
    about: 'Every service: 99.9 % of requests are answered without a fault of its own',
    requests: rate(`${answers}_count`),
    errors: rate(`${answers}_count{status=~"5.."}`),
  },
  {
    slo: 'latency',
    who: 'services',
    target: 0.99,
    alert: 'ServiceLatencyBurn',
    about: 'Every service: 99 % of requests are answered within 500 ms',
    requests: rate(`${answers}_count{${noStreams}}`),
    errors: lacking(rate(`${answers}_count{${noStreams}}`), rate(bucket(answers, `${noStreams}, `, '0[.]5'))),
  },
];
