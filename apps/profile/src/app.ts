import { authInternal } from '@bulkhead/contracts/auth/api';
import { notificationInternal } from '@bulkhead/contracts/notification/api';
import { orderInternal } from '@bulkhead/contracts/order/api';
import { paymentInternal } from '@bulkhead/contracts/payment/api';
import type { Dependencies, ServiceDefinition } from '@bulkhead/service/service';
import { PrismaPg } from '@prisma/adapter-pg';
import { z } from 'zod';
import { pruneErasures } from './erasure/prune';
import { repeatRequests } from './erasure/repeat-requests';
import { userErasedSubscription } from './events/user-erased';
import { userRegisteredSubscription } from './events/user-registered';
import { PrismaClient } from './generated/prisma/client';
import { profileOperations } from './http/operations';
import type { ProfileService } from './profile-service';

const minute = 60_000;

/** Names, addresses and preferences; and the erasure of a person everywhere. */
export const profileService: ServiceDefinition = {
  name: 'profile',
  config: z.object({}),
  peers: ['auth', 'order', 'payment', 'notification'],
  database: true,
  create(dependencies) {
    const { database, outbox, clock, ids, logger } = dependencies;
    const prisma = new PrismaClient({ adapter: new PrismaPg(database.pool) });
    const auth = dependencies.peer('auth', authInternal);
    const service: ProfileService = {
      database,
      prisma,
      outbox,
      clock,
      ids,
      logger,
      auth,
      exportFrom: exportFromPeers(dependencies),
    };
    return {
      operations: profileOperations(service),
      subscriptions: [userRegisteredSubscription(service), userErasedSubscription()],
      jobs: [
        { name: 'repeat-erasure-requests', everyMs: minute, run: () => repeatRequests(service) },
        {
          name: 'prune-erasures',
          everyMs: minute,
          run: async (signal) => void (await pruneErasures(database, signal)),
        },
      ],
      stop: () => prisma.$disconnect(),
    };
  },
};

function exportFromPeers({ peer }: Pick<Dependencies, 'peer'>): ProfileService['exportFrom'] {
  const peers = {
    auth: peer('auth', { exportUser: authInternal.exportUser }),
    order: peer('order', { exportUser: orderInternal.exportUser }),
    payment: peer('payment', { exportUser: paymentInternal.exportUser }),
    notification: peer('notification', { exportUser: notificationInternal.exportUser }),
  };
  return async (service, userId, context) => {
    const { body } = await peers[service].exportUser({ params: { userId } }, context);
    return body.items;
  };
}
