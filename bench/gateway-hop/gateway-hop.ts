import type { RatioBench, RatioOutcome } from '../bench';
import { type Collector, startCollector } from '../collector';
import { compare } from '../comparison';
import { httpSide } from '../http-side';
import type { Pace } from '../pace';
import { type ServerProcess, startServer } from '../processes';

const path = '/api/v1/orders/0190b1f4-7e9c-7cc3-8d5a-1f2e3d4c5b6a';
const connections = 32;

interface Opponent {
  /** Its role among the bench's servers. */
  readonly role: string;
  readonly name: string;
  /** Whether it exports traces, as the gateway does. */
  readonly traces: boolean;
}

const against =
  ({ role, name, traces }: Opponent) =>
  async ({ pairs, seconds }: Pace): Promise<RatioOutcome> => {
    const collectors = [await startCollector(), await startCollector()] as const;
    const upstream = await startServer('upstream');
    const settings = (collector: Collector) => ({
      UPSTREAM_URL: upstream.origin,
      COLLECTOR_URL: collector.url,
    });
    const gateway = await startServer('gateway', settings(collectors[0]));
    const { headers = {}, keysUrl = '' } = gateway;
    const proxy = await startServer(role, { ...settings(collectors[1]), KEYS_URL: keysUrl });
    const side = (name: string, server: ServerProcess) =>
      httpSide(name, server, { path, method: 'GET', headers, connections, seconds });
    try {
      const ratios = await compare({ ours: side('gateway', gateway), theirs: side('proxy', proxy), pairs });
      const [ours, theirs] = collectors.map((collector) => collector.exports);
      if (ours === 0 || (traces && theirs === 0)) throw new Error('no trace was exported');
      return {
        kind: 'ratio',
        ours: 'the gateway: JWT, limits, breaker, metrics, traces',
        theirs: name,
        unit: 'requests per CPU second',
        ratios,
        checked: `every answer 200; ${ours} exports of traces by the gateway, ${theirs} by the other`,
      };
    } finally {
      const running = [gateway, proxy, upstream, ...collectors];
      await Promise.all(running.map((one) => one.stop()));
    }
  };

export const gatewayHop: RatioBench = {
  name: 'gateway-hop',
  title: 'The hop through the gateway, in front of the same upstream',
  target: 3,
  run: against({
    role: 'proxy',
    name: 'Express 5 + http-proxy-middleware, which only proxies',
    traces: false,
  }),
};

export const gatewayDuties: RatioBench = {
  name: 'gateway-duties',
  title: 'The same hop, where both check the token, limit, measure and trace',
  target: 4,
  run: against({
    role: 'proxy-with-duties',
    name: 'Express 5 + http-proxy-middleware with helmet, jose, express-rate-limit, prom-client and OpenTelemetry’s instrumentation of http',
    traces: true,
  }),
};
