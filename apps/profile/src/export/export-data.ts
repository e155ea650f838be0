import type { DataExport } from '@bulkhead/contracts/profile/api';
import { type ErasingService, erasingServices } from '@bulkhead/contracts/services';
import type { CallContext } from '@bulkhead/service/http/operation';
import type { z } from 'zod';
import { listAddresses, showAddress } from '../addresses/addresses';
import { getProfile, showProfile } from '../profiles/get-profile';
import type { ExportedItems, ProfileService } from '../profile-service';

/** The part of the caller's deadline for the slowest service, so that there is time left to respond. */
const shareOfDeadline = 0.7;
const maxMs = 5_000;

/**
 * All data that the shop stores about a person, collected from all services concurrently. An unavailable one does not
 * withhold the others' data: it is named in `incomplete`.
 */
export async function exportData(
  service: ProfileService,
  userId: string,
  { requestId, deadline, userToken }: CallContext,
): Promise<z.input<typeof DataExport>> {
  const context = {
    requestId,
    userToken,
    deadline: deadline.shrink(Math.min(maxMs, deadline.remainingMs() * shareOfDeadline)),
  };
  const profile = await getProfile(service, userId, context);
  const [addresses, parts] = await Promise.all([
    listAddresses(service, userId),
    Promise.all(erasingServices.map((name) => ask(service, name, userId, context))),
  ]);
  return {
    generatedAt: new Date(service.clock.now()).toISOString(),
    profile: showProfile(profile),
    addresses: addresses.map(showAddress),
    services: parts.flatMap(({ name, items }) => (items ? [{ service: name, items }] : [])),
    incomplete: parts.filter(({ items }) => !items).map(({ name }) => name),
  };
}

async function ask(
  { exportFrom, logger }: ProfileService,
  name: ErasingService,
  userId: string,
  context: CallContext,
): Promise<{ name: ErasingService; items: ExportedItems | undefined }> {
  try {
    return { name, items: await exportFrom(name, userId, context) };
  } catch (error) {
    logger.warn({ peer: name, error }, 'export is incomplete: a service did not respond');
    return { name, items: undefined };
  }
}
