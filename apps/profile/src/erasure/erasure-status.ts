import type { Erasure } from '@bulkhead/contracts/profile/api';
import { erasingServices } from '@bulkhead/contracts/services';
import { problem } from '@bulkhead/service/errors';
import type { z } from 'zod';
import type { ProfileService } from '../profile-service';

/** The progress of a person's erasure. @throws ProblemError not-found when they requested none */
export async function getErasure(
  { database }: Pick<ProfileService, 'database'>,
  userId: string,
): Promise<z.input<typeof Erasure>> {
  const erasure = await database.prisma.erasure.findUnique({ where: { userId }, include: { answers: true } });
  if (!erasure) throw problem('not-found', 'No erasure was requested.');
  const answeredAt = new Map(erasure.answers.map((response) => [response.service, response.answeredAt]));
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
