import { ServiceConfig } from '@bulkhead/service/runtime/base-config';

/** What the server of the pages reads from its environment: how it listens and logs, and no more. */
export const SiteServerConfig = ServiceConfig.pick({
  NODE_ENV: true,
  LOG_LEVEL: true,
  HOST: true,
  PORT: true,
  ADMIN_PORT: true,
  KEEP_ALIVE_TIMEOUT_MS: true,
  SHUTDOWN_GRACE_MS: true,
});
