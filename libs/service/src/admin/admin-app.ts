import express, { type Express, type Router } from 'express';

export interface AdminOptions {
  /** Has the start been completed? */
  started(): boolean;
  /** Names what keeps the process from serving; empty when it is ready. Never depends on a peer, the broker or JWKS. */
  unready(): string[];
  /** Metrics in the OpenMetrics text format. */
  readonly metrics: { expose(): Promise<string>; readonly contentType: string };
  /** What else is served there. */
  readonly routes?: readonly Router[];
}

/**
 * The admin port's app: probes and metrics. Never routed; in the cluster only the kubelet and Prometheus reach it.
 * `/livez` answers as long as the event loop turns; `/readyz` says whether requests should come.
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
  app.get('/metrics', async (_request, response) => {
    const text = await metrics.expose();
    response.set('content-type', metrics.contentType).send(text);
  });
  for (const router of routes) app.use(router);
  return app;
}
