import { profileInternal } from '@bulkhead/contracts/profile/api';
import { problem } from '../errors';
import { implement, type Operation } from '../http/operation';
import type { ServiceDefinition } from '../service';
import { z } from 'zod';

/** The erasures that the profile of a test knows of. */
export interface KnownErasures {
  /** Erasure ids by user id. */
  readonly requested: Map<string, string>;
  /** While it is set, profile responds 503. */
  unavailable: boolean;
  readonly operation: Operation;
  /** A profile with only this endpoint. */
  readonly profile: ServiceDefinition;
}

export function createKnownErasures(): KnownErasures {
  const operation = implement(profileInternal.erasure, async ({ params: { userId } }) => {
    if (known.unavailable) throw problem('unavailable');
    return { status: 200, body: { erasureId: known.requested.get(userId) ?? null } };
  });
  const known: KnownErasures = {
    requested: new Map(),
    unavailable: false,
    operation,
    profile: {
      name: 'profile',
      config: z.object({}),
      peers: [],
      database: false,
      create: () => ({ operations: [operation] }),
    },
  };
  return known;
}
