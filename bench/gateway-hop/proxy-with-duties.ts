import type { AddressInfo } from 'node:net';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { NodeSDK } from '@opentelemetry/sdk-node';
import express, { type RequestHandler } from 'express';
import { rateLimit } from 'express-rate-limit';
import helmet from 'helmet';
import { createProxyMiddleware } from 'http-proxy-middleware';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { Histogram } from 'prom-client';
import { announce } from '../processes';

/**
 * Express and http-proxy-middleware with what a gateway has to do besides, each by the package that people take for it:
 * the user's token by jose, limits by express-rate-limit, traces at 5 % by OpenTelemetry's instrumentation of http,
 * a histogram by prom-client, headers by helmet. No breaker, no shedding, no deadlines, no retries.
 */
export async function serveProxyWithDuties(): Promise<void> {
  startTracing();
  const app = express();
  app.use(helmet(), measured(), authenticated(process.env['KEYS_URL']!));
  app.use(limitedByAddress(), limitedByUser());
  app.use(createProxyMiddleware({ target: process.env['UPSTREAM_URL']!, changeOrigin: true }));
  const server = app.listen(0, '127.0.0.1', () =>
    announce({ origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }),
  );
}

function startTracing(): void {
  process.env['OTEL_TRACES_SAMPLER'] = 'parentbased_traceidratio';
  process.env['OTEL_TRACES_SAMPLER_ARG'] = '0.05';
  new NodeSDK({
    serviceName: 'proxy',
    traceExporter: new OTLPTraceExporter({ url: `${process.env['COLLECTOR_URL']}/v1/traces` }),
    instrumentations: [new HttpInstrumentation()],
  }).start();
  // The instrumentation takes hold of the module when it is asked for the next time.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  require('node:http');
}

function measured(): RequestHandler {
  const durations = new Histogram({
    name: 'http_server_request_duration_seconds',
    help: 'Duration of requests',
    labelNames: ['method', 'status'],
  });
  return (request, response, next) => {
    const end = durations.startTimer();
    response.on('finish', () => end({ method: request.method, status: response.statusCode }));
    next();
  };
}

function authenticated(keysUrl: string): RequestHandler {
  const keys = createRemoteJWKSet(new URL(keysUrl));
  return async (request, response, next) => {
    const token = request.headers.authorization?.replace(/^Bearer /, '') ?? '';
    const verified = await jwtVerify(token, keys).catch(() => undefined);
    if (!verified) return void response.sendStatus(401);
    response.locals['user'] = verified.payload.sub;
    next();
  };
}

/** Limits are counted and sent, but one generator may send as much as it can. */
const window = { windowMs: 60_000, limit: 1_000_000_000, legacyHeaders: false } as const;
const limitedByAddress = () => rateLimit({ ...window, standardHeaders: 'draft-8' });
const limitedByUser = () =>
  rateLimit({ ...window, keyGenerator: (_request, response) => String(response.locals['user']) });
