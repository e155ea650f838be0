import { internalApis } from '@bulkhead/contracts/apis';
import { authInternal } from '@bulkhead/contracts/auth/api';
import { type ErasingService, erasingServices } from '@bulkhead/contracts/services';
import type { Dependencies, ServiceDefinition } from '@bulkhead/service/service';
import { z } from 'zod';
import { profileDatabase } from './database';
import { pruneErasures } from './erasure/prune';
import { repeatRequests } from './erasure/repeat-requests';
import { userErasedSubscription } from './events/user-erased';
import { userRegisteredSubscription } from './events/user-registered';
import { profileOperations } from './http/operations';
import type { ProfileService } from './profile-service';

const minute = 60_000;

/** Names, addresses and preferences; and the erasure of a person in all services. */
export const profileService: ServiceDefinition = {
  name: 'profile',
  config: z.object({}),
  peers: erasingServices,
  database: true,
  create(dependencies) {
    const { outbox, clock, ids, logger } = dependencies;
    const database = profileDatabase(dependencies.database);
    const auth = dependencies.peer('auth', authInternal);
    const service: ProfileService = {
      database,
      outbox,
      clock,
      ids,
      logger,
      auth,
      exportFrom: exportFromPeers(dependencies),
    };
    return {
      operations: profileOperations(service),
      subscriptions: [userRegisteredSubscription(service), userErasedSubscription(database)],
      jobs: [
        { name: 'repeat-erasure-requests', everyMs: minute, run: () => repeatRequests(service) },
        {
          name: 'prune-erasures',
          everyMs: minute,
          run: async (signal) => void (await pruneErasures(database, signal)),
        },
      ],
      stop: () => database.prisma.$disconnect(),
    };
  },
};

function exportFromPeers({ peer }: Pick<Dependencies, 'peer'>): ProfileService['exportFrom'] {
  const clientOf = (service: ErasingService) =>
    peer(service, { exportUser: internalApis[service].exportUser });
  const clients = Object.fromEntries(
    erasingServices.map((service) => [service, clientOf(service)]),
  ) as Record<ErasingService, ReturnType<typeof clientOf>>;
  return async (service, userId, context) => {
    const { body } = await clients[service].exportUser({ params: { userId } }, context);
    return body.items;
  };
}
