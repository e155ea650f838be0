import { searchApi } from '@bulkhead/contracts/search/api';
import { implement, type Operation } from '@bulkhead/service/http/operation';
import type { SearchDatabase } from '../database';
import type { Rebuild } from '../rebuild/rebuild';
import { rebuildStatus } from '../rebuild/status';

export const adminOperations = (database: SearchDatabase, rebuild: Rebuild): Operation[] => [
  implement(searchApi.rebuild, async () => {
    await rebuild.begin();
    return {
      status: 202,
      headers: { location: searchApi.rebuildStatus.path },
      body: await rebuildStatus(database),
    };
  }),

  implement(searchApi.rebuildStatus, async () => ({ status: 200, body: await rebuildStatus(database) })),
];
