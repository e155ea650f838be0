import { type Erasure, erasingServices } from '@bulkhead/contracts/profile/api';
import { problem } from '@bulkhead/service/errors';
import type { z } from 'zod';
import type { ProfileService } from '../profile-service';

/** How far the erasure of a person is. @throws ProblemError not-found when they asked for none */
export async function getErasure(
  { prisma }: Pick<ProfileService, 'prisma'>,
  userId: string,
): Promise<z.input<typeof Erasure>> {
  const erasure = await prisma.erasure.findUnique({ where: { userId }, include: { answers: true } });
  if (!erasure) throw problem('not-found', 'No erasure was requested.');
  const answeredAt = new Map(erasure.answers.map((answer) => [answer.service, answer.answeredAt]));
  return {
    id: erasure.id,
    requestedAt: erasure.requestedAt.toISOString(),
    completedAt: erasure.completedAt?.toISOString() ?? null,
    services: erasingServices.map((service) => ({
      service,
      answeredAt: answeredAt.get(service)?.toISOString() ?? null,
    })),
  };
}
