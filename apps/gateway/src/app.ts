import { join } from 'node:path';
import { publicApis } from '@bulkhead/contracts/apis';
import { createOpenApi } from '@bulkhead/contracts/openapi';
import type { Endpoint } from '@bulkhead/contracts/endpoint';
import type { ServiceName } from '@bulkhead/contracts/services';
import { createKeySet } from '@bulkhead/service/identity/key-set';
import { readStaticSite } from '@bulkhead/service/http/static-site';
import { refreshUserKeys } from '@bulkhead/service/identity/refresh-user-keys';
import { createUserTokenVerifier } from '@bulkhead/service/identity/user-tokens';
import type { ServiceDefinition } from '@bulkhead/service/service';
import { createHttpServerMetrics } from '@bulkhead/telemetry/http-server-metrics';
import { authApi, authInternal } from '@bulkhead/contracts/auth/api';
import { productApi } from '@bulkhead/contracts/product/api';
import { searchApi } from '@bulkhead/contracts/search/api';
import { deadlineAfter } from '@bulkhead/resilience/deadline';
import type { JSONWebKeySet } from 'jose';
import { GatewayConfig } from './config';
import { createCors } from './cors';
import { createDocument } from './documents';
import { createGatewayApp } from './gateway-app';
import { createLiveSessions } from './live-sessions';
import { createPageMetrics } from './page-report';
import { createRateLimits } from './rate-limits';
import { createRequestBodies } from './request-bodies';
import type { Route } from './routes';
import { guardUpstream } from './upstreams';

const keyFetchMs = 3_000;

/** For visitors of the bare address, and for load balancers, which use it as a health check. */
const landing = createDocument({
  name: 'Bulkhead',
  links: {
    openapi: '/api/v1/openapi.json',
    products: productApi.listProducts.path,
    search: searchApi.search.path,
  },
});

/**
 * The public entry point of the shop. It owns no data and is ready without its upstreams.
 * @param siteFolder the built storefront, which is served if it exists
 */
export const gatewayWithSite = (siteFolder: string): ServiceDefinition<typeof GatewayConfig> => ({
  name: 'gateway',
  config: GatewayConfig,
  peers: Object.keys(publicApis) as ServiceName[],
  database: false,
  create(dependencies) {
    const { config, clock, ids, metrics, peer, upstream, policiesOf } = dependencies;
    const services = Object.keys(publicApis) as (keyof typeof publicApis)[];
    const routes = services.flatMap((service): Route[] =>
      Object.values<Endpoint>(publicApis[service]).map((endpoint) => ({ service, endpoint })),
    );
    const auth = peer('auth', { keys: authApi.jwks });
    const fetchKeys = async () => {
      const response = await auth.keys(
        {},
        { requestId: ids.next(), deadline: deadlineAfter(clock, keyFetchMs) },
      );
      return response.body as unknown as JSONWebKeySet;
    };
    const userKeys = createKeySet(fetchKeys, clock);
    const sessions = createLiveSessions({
      clock,
      ids,
      logger: dependencies.logger,
      auth: peer('auth', { liveSessions: authInternal.liveSessions }),
      everyMs: dependencies.timers.sessionLookMs,
    });
    const app = createGatewayApp({
      config,
      routes,
      users: createUserTokenVerifier(userKeys, clock),
      sessions,
      limits: createRateLimits(config, clock),
      cors: createCors(config.CORS_ORIGINS),
      bodies: createRequestBodies(config.REQUEST_DEADLINE_MS),
      shedders: dependencies.createLimits(services),
      metrics: createHttpServerMetrics(metrics),
      pageReports: createPageMetrics(metrics),
      upstreams: new Map(
        services.map((service) => [service, guardUpstream(service, upstream(service), policiesOf(service))]),
      ),
      documents: new Map([
        ['/', landing],
        ['/api/v1/openapi.json', createDocument(createOpenApi(publicApis))],
      ]),
      site: readStaticSite(siteFolder),
      dependencies,
    });
    return { operations: [], app, jobs: [sessions.job, refreshUserKeys(userKeys)] };
  },
});

/**
 * With the storefront that `npm start` and `npm run services` build beside it; on a cluster the storefront serves
 * itself.
 */
export const gatewayService = gatewayWithSite(join(__dirname, '..', 'storefront', 'site'));
