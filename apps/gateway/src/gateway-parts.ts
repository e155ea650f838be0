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

/** What the gateway is put together from. */
export interface GatewayParts {
  readonly config: GatewayConfig;
  readonly routes: readonly Route[];
  readonly users: UserTokenVerifier;
  readonly sessions: LiveSessions;
  readonly limits: RateLimits;
  readonly cors: Cors;
  readonly bodies: RequestBodies;
  /** One for each upstream: whoever waits for one that is slow takes no place of another's. */
  readonly shedders: ReadonlyMap<ServiceName, AdmissionQueue>;
  readonly metrics: HttpServerMetrics;
  /** Takes what pages measured of themselves. */
  readonly pageReports: ReturnType<typeof createPageMetrics>;
  readonly upstreams: ReadonlyMap<ServiceName, GuardedUpstream>;
  /** Documents that the gateway answers itself, by path. */
  readonly documents: ReadonlyMap<string, Document>;
  /** The storefront; undefined where another server has it. */
  readonly site: StaticSite | undefined;
  readonly dependencies: Pick<Dependencies, 'clock' | 'ids' | 'logger' | 'tracing' | 'shutdown'>;
}
