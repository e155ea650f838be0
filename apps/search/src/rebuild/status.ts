import type { RebuildStatus } from '@bulkhead/contracts/search/api';
import type { SearchDatabase } from '../database';

/** The last or running rebuild, and the live generation, in one snapshot. */
export const rebuildStatus = (database: SearchDatabase): Promise<RebuildStatus> =>
  database.transaction(
    async ({ prisma }) => {
      const rebuild = await prisma.rebuild.findUniqueOrThrow({ where: { id: 1 } });
      const pointer = await prisma.indexPointer.findUniqueOrThrow({ where: { id: 1 } });
      return {
        state: rebuild.state as RebuildStatus['state'],
        generation: pointer.active,
        indexed: rebuild.indexed,
        startedAt: rebuild.startedAt?.toISOString() ?? null,
        finishedAt: rebuild.finishedAt?.toISOString() ?? null,
        problem: rebuild.problem,
      };
    },
    { isolation: 'repeatable read', readOnly: true },
  );
