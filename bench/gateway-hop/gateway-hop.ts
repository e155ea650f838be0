import type { RatioBench, RatioOutcome } from '../bench';
import { startCollector } from '../collector';
import { compare } from '../comparison';
import { httpSide } from '../http-side';
import type { Pace } from '../pace';
import { type ServerProcess, startServer } from '../processes';

const path = '/api/v1/orders/0190b1f4-7e9c-7cc3-8d5a-1f2e3d4c5b6a';
const connections = 32;

async function run({ pairs, seconds }: Pace): Promise<RatioOutcome> {
  const collector = await startCollector();
  const upstream = await startServer('upstream');
  const settings = { UPSTREAM_URL: upstream.origin };
  const gateway = await startServer('gateway', { ...settings, COLLECTOR_URL: collector.url });
  const proxy = await startServer('proxy', settings);
  const side = (name: string, server: ServerProcess) =>
    httpSide(name, server, { path, method: 'GET', headers: gateway.headers ?? {}, connections, seconds });
  try {
    const ratios = await compare({
      ours: side('gateway', gateway),
      theirs: side('proxy', proxy),
      pairs,
    });
    if (collector.exports === 0) throw new Error('no trace was exported');
    return {
      kind: 'ratio',
      ours: 'the gateway: JWT, limits, breaker, metrics, traces',
      theirs: 'Express 5 + http-proxy-middleware',
      unit: 'requests per CPU second',
      ratios,
      checked: `every answer 200; ${collector.exports} exports of traces`,
    };
  } finally {
    await Promise.all([gateway.stop(), proxy.stop(), upstream.stop(), collector.stop()]);
  }
}

export const gatewayHop: RatioBench = {
  name: 'gateway-hop',
  title: 'The hop through the gateway, in front of the same upstream',
  target: 3,
  run,
};
