import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ServiceName } from '@bulkhead/contracts/services';
import type { Environment } from '@bulkhead/service/config';

/** What a Job is told of the services it works for. */
export interface MountedServices {
  readonly CREDENTIALS_DIR?: string | undefined;
  readonly CREDENTIALS: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** The variables of a service as its own pods have them: what is no secret as it is, and `NAME_FILE` for each mounted file. */
export const environmentOf = (
  service: ServiceName,
  { CREDENTIALS, CREDENTIALS_DIR }: MountedServices,
): Environment => ({ ...CREDENTIALS[service], ...filesOf(service, CREDENTIALS_DIR) });

function filesOf(service: ServiceName, folder: string | undefined): Environment {
  if (folder === undefined) return {};
  const own = join(folder, service);
  return Object.fromEntries(
    readdirSync(own, { withFileTypes: true })
      // Kubernetes keeps the data of a volume in folders whose names begin with dots.
      .filter(({ name }) => /^[A-Z_]+$/.test(name))
      .map(({ name }) => [`${name}_FILE`, join(own, name)]),
  );
}
