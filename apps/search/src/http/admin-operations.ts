import { searchApi } from '@bulkhead/contracts/search/api';
import type { Database } from '@bulkhead/database/database';
import { implement, type Operation } from '@bulkhead/service/http/operation';
import type { PrismaClient } from '../generated/prisma/client';
import { beginRebuild } from '../rebuild/rebuild';
import { rebuildStatus } from '../rebuild/status';

export const adminOperations = (database: Database, prisma: PrismaClient): Operation[] => [
  implement(searchApi.rebuild, async () => {
    await beginRebuild(database);
    return {
      status: 202,
      headers: { location: searchApi.rebuildStatus.path },
      body: await rebuildStatus(prisma),
    };
  }),

  implement(searchApi.rebuildStatus, async () => ({ status: 200, body: await rebuildStatus(prisma) })),
];
