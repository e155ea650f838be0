import { systemClock } from '@bulkhead/resilience/clock';
import { createAdminApp } from '@bulkhead/service/admin/admin-app';
import { ConfigError, type Environment, loadConfig } from '@bulkhead/service/config';
import {
  closeServer,
  createHttpServer,
  createListenerServer,
  listen,
  listenForBursts,
} from '@bulkhead/service/http/server';
import { readStaticSite } from '@bulkhead/service/http/static-site';
import { randomIds } from '@bulkhead/service/ids';
import { version } from '@bulkhead/service/runtime/version';
import { createHttpServerMetrics } from '@bulkhead/telemetry/http-server-metrics';
import { createTelemetry } from '@bulkhead/telemetry/telemetry';
import { SiteServerConfig } from './config';
import { createSiteListener } from './site-listener';

export interface SiteServer {
  readonly port: number;
  readonly adminPort: number;
  /** Is not ready any more, lets open requests end, and releases everything. */
  stop(): Promise<void>;
}

/**
 * Serves the built pages, with the probes and metrics of any service. It calls nobody, so that it works whatever is down.
 * @param siteFolder the built site
 * @throws ConfigError where a variable is wrong, or the folder holds no site
 */
export async function startSiteServer(environment: Environment, siteFolder: string): Promise<SiteServer> {
  const config = loadConfig(SiteServerConfig, environment);
  const site = readStaticSite(siteFolder);
  if (!site) throw new ConfigError(`There is no index.html in ${siteFolder}; build the storefront first.`);
  const telemetry = createTelemetry({
    service: 'storefront',
    version,
    environment: config.NODE_ENV,
    logLevel: config.LOG_LEVEL,
    traces: {},
  });
  const { logger, metrics } = telemetry;
  let draining = false;
  const admin = createHttpServer(
    createAdminApp({
      started: () => true,
      unready: () => (draining ? ['draining'] : []),
      metrics,
    }),
  );
  const server = createListenerServer(
    createSiteListener({
      site,
      metrics: createHttpServerMetrics(metrics),
      clock: systemClock,
      ids: randomIds,
    }),
    { keepAliveTimeout: config.KEEP_ALIVE_TIMEOUT_MS },
  );
  const port = await listenForBursts(server, config.PORT, config.HOST);
  const adminPort = await listen(admin, config.ADMIN_PORT, config.HOST);
  logger.info({ port, version, environment: config.NODE_ENV }, 'serving');
  return {
    port,
    adminPort,
    async stop() {
      draining = true;
      logger.info({}, 'draining');
      await closeServer(server, config.SHUTDOWN_GRACE_MS);
      await closeServer(admin, 0);
      await telemetry.shutdown();
    },
  };
}
