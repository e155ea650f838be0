import type { RebuildStatus } from '@bulkhead/contracts/search/api';
import type { PrismaClient } from '../generated/prisma/client';

/** The last or running rebuild, and the generation that is read. */
export async function rebuildStatus(prisma: PrismaClient): Promise<RebuildStatus> {
  const [rebuild, pointer] = await prisma.$transaction([
    prisma.rebuild.findUniqueOrThrow({ where: { id: 1 } }),
    prisma.indexPointer.findUniqueOrThrow({ where: { id: 1 } }),
  ]);
  return {
    state: rebuild.state as RebuildStatus['state'],
    generation: pointer.active,
    indexed: rebuild.indexed,
    startedAt: rebuild.startedAt?.toISOString() ?? null,
    finishedAt: rebuild.finishedAt?.toISOString() ?? null,
    problem: rebuild.problem,
  };
}
