import type { AddressInfo } from 'node:net';
import express from 'express';
import { createProxyMiddleware } from 'http-proxy-middleware';
import { announce } from '../processes';

/** Express and http-proxy-middleware as its guide begins, which keeps connections to the upstream open: no identity, no limits, no traces. */
export async function serveProxy(): Promise<void> {
  const app = express();
  app.use(
    createProxyMiddleware({
      target: process.env['UPSTREAM_URL']!,
      changeOrigin: true,
    }),
  );
  const server = app.listen(0, '127.0.0.1', () =>
    announce({ origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }),
  );
}
