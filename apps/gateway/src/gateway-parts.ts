import type { ServiceName } from '@bulkhead/contracts/services';
import type { AdmissionQueue } from '@bulkhead/resilience/admission-queue';
import type { StaticSite } from '@bulkhead/service/http/static-site';
import type { UserTokenVerifier } from '@bulkhead/service/identity/user-tokens';
import type { Dependencies } from '@bulkhead/service/service';
import type { HttpServerMetrics } from '@bulkhead/telemetry/http-server-metrics';
import type { GatewayConfig } from './config';
import type { Cors } from './cors';
import type { Document } from './documents';
import type { LiveSessions } from './live-sessions';
import type { createPageMetrics } from './page-report';
import type { RateLimits } from './rate-limits';
import type { RequestBodies } from './request-bodies';
import type { Route } from './routes';
import type { GuardedUpstream } from './upstreams';

/** The parts of the gateway. */
export interface GatewayParts {
  readonly config: GatewayConfig;
  readonly routes: readonly Route[];
  readonly users: UserTokenVerifier;
  readonly sessions: LiveSessions;
  readonly limits: RateLimits;
  readonly cors: Cors;
  readonly bodies: RequestBodies;
  /** One per upstream: requests waiting for a slow one take no slots of another's. */
  readonly shedders: ReadonlyMap<ServiceName, AdmissionQueue>;
  readonly metrics: HttpServerMetrics;
  /** Receives the measurements of pages. */
  readonly pageReports: ReturnType<typeof createPageMetrics>;
  readonly upstreams: ReadonlyMap<ServiceName, GuardedUpstream>;
  /** Documents that the gateway serves itself, by path. */
  readonly documents: ReadonlyMap<string, Document>;
  /** The storefront; undefined if another server serves it. */
  readonly site: StaticSite | undefined;
  readonly dependencies: Pick<Dependencies, 'clock' | 'ids' | 'logger' | 'tracing' | 'shutdown'>;
}
