import { DatabaseConfig, ServiceConfig } from '@bulkhead/service/runtime/base-config';
import type { ServiceDefinition } from '@bulkhead/service/service';

type Environment = Readonly<Record<string, string | undefined>>;

/** Variables that differ per process, so that one value cannot be set for all. */
const decidedHere = new Set([
  'PORT',
  'ADMIN_PORT',
  'HOST',
  'DATABASE_URL',
  'RABBITMQ_URL',
  'SERVICE_IDENTITY_DIR',
]);

/** CAs that Node.js itself trusts, in addition to the well-known ones. */
const ofNode = ['NODE_EXTRA_CA_CERTS'];

/** The variables of a service's own configuration that were set for this run; they are passed to its process. */
export function givenVariables(
  { config }: ServiceDefinition,
  environment: Environment,
): Record<string, string> {
  const known = [ServiceConfig.shape, DatabaseConfig.shape, config.shape].flatMap((shape) =>
    Object.keys(shape),
  );
  const passedOn = known.filter((name) => !decidedHere.has(name)).flatMap((name) => [name, `${name}_FILE`]);
  // The SDK reads these itself, and supports more of them than the configuration lists.
  const ofOpenTelemetry = Object.keys(environment).filter((name) => name.startsWith('OTEL_'));
  return Object.fromEntries(
    [...new Set([...passedOn, ...ofNode, ...ofOpenTelemetry])]
      .filter((name) => environment[name] !== undefined)
      .map((name) => [name, environment[name]!]),
  );
}
