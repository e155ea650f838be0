import { DatabaseConfig, ServiceConfig } from '@bulkhead/service/runtime/base-config';
import type { ServiceDefinition } from '@bulkhead/service/service';

type Environment = Readonly<Record<string, string | undefined>>;

/** What is different for each process, so that one value cannot be given for all. */
const decidedHere = new Set([
  'PORT',
  'ADMIN_PORT',
  'HOST',
  'DATABASE_URL',
  'RABBITMQ_URL',
  'SERVICE_IDENTITY_DIR',
]);

/** The variables of a service's own configuration that were set for this start: they count in its process, too. */
export function givenVariables(
  { config }: ServiceDefinition,
  environment: Environment,
): Record<string, string> {
  const known = [ServiceConfig.shape, DatabaseConfig.shape, config.shape].flatMap((shape) =>
    Object.keys(shape),
  );
  return Object.fromEntries(
    known
      .filter((name) => !decidedHere.has(name) && environment[name] !== undefined)
      .map((name) => [name, environment[name]!]),
  );
}
