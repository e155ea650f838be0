import {
  type ExpositionFormat,
  expositionContentType,
  negotiateExposition,
} from '@bulkhead/telemetry/exposition';
import compression from 'compression';
import express, { type Express, type Router } from 'express';

export interface AdminOptions {
  /** Whether the start is complete. */
  started(): boolean;
  /** Names what keeps the process from serving; empty when it is ready. Never depends on a peer, the broker or JWKS. */
  unready(): string[];
  readonly metrics: { expose(format: ExpositionFormat): Promise<string> };
  /** Further routes of the admin port. */
  readonly routes?: readonly Router[];
}

/**
 * The admin port's app: probes and metrics. Never routed; in the cluster only the kubelet and Prometheus reach it.
 * `/livez` responds as long as the event loop runs; `/readyz` says whether requests should be sent.
 */
export function createAdminApp({ started, unready, metrics, routes = [] }: AdminOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.get('/livez', (_request, response) => void response.type('text/plain').send('ok\n'));
  app.get('/startupz', (_request, response) => {
    response
      .status(started() ? 200 : 503)
      .type('text/plain')
      .send(started() ? 'ok\n' : 'starting\n');
  });
  app.get('/readyz', (_request, response) => {
    const reasons = started() ? unready() : ['starting'];
    response
      .status(reasons.length === 0 ? 200 : 503)
      .type('text/plain')
      .send(reasons.length === 0 ? 'ok\n' : `${reasons.join('\n')}\n`);
  });
  // Everything is text; the list of compressible types does not include OpenMetrics.
  app.get('/metrics', compression({ filter: () => true }), async (request, response) => {
    const format = negotiateExposition(request.headers.accept);
    response.vary('Accept').set('content-type', expositionContentType[format]);
    response.send(await metrics.expose(format));
  });
  for (const router of routes) app.use(router);
  return app;
}
