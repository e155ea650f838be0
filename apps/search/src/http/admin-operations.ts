import { searchApi } from '@bulkhead/contracts/search/api';
import { implement, type Operation } from '@bulkhead/service/http/operation';
import type { SearchDatabase } from '../database';
import { beginRebuild } from '../rebuild/rebuild';
import { rebuildStatus } from '../rebuild/status';

export const adminOperations = (database: SearchDatabase): Operation[] => [
  implement(searchApi.rebuild, async () => {
    await beginRebuild(database);
    return {
      status: 202,
      headers: { location: searchApi.rebuildStatus.path },
      body: await rebuildStatus(database),
    };
  }),

  implement(searchApi.rebuildStatus, async () => ({ status: 200, body: await rebuildStatus(database) })),
];
