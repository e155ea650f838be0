import type { authInternal } from '@bulkhead/contracts/auth/api';
import type { ErasingService } from '@bulkhead/contracts/services';
import type { Outbox } from '@bulkhead/messaging/outbox';
import type { Clock } from '@bulkhead/resilience/clock';
import type { Client } from '@bulkhead/service/http/client';
import type { CallContext } from '@bulkhead/service/http/operation';
import type { Ids } from '@bulkhead/service/ids';
import type { Logger } from '@bulkhead/telemetry/logger';
import type { ProfileDatabase } from './database';

/** Dependencies of profile's use cases. */
export interface ProfileService {
  readonly database: ProfileDatabase;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly auth: Pick<Client<typeof authInternal>, 'contact' | 'resign'>;
  /** Asks a service for a person's data. */
  readonly exportFrom: (
    service: ErasingService,
    userId: string,
    context: CallContext,
  ) => Promise<ExportedItems>;
}

export type ExportedItems = Record<string, unknown>[];
