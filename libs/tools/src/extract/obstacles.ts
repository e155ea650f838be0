import { serviceNames, services } from '@bulkhead/contracts/services';
import { missingParts, type Parts } from '../missing-parts';

/**
 * What prevents a service from running as a separate process: it lacks a part that every service has, its data is not
 * its own, or its code and another service's import each other, so that a call between them could not become HTTP.
 * @returns one sentence per obstacle, with a remedy
 */
export function obstaclesTo(service: string, parts: Parts): string[] {
  const facts = Object.entries(services).find(([name]) => name === service)?.[1];
  if (!facts) return [`libs/contracts/src/services.ts does not declare ${service}.`];
  return [
    ...missingParts({ name: service, ...facts }, parts),
    ...sharedData(service, parts),
    ...sharedCode(service, parts),
  ];
}

function sharedData(service: string, { read }: Parts): string[] {
  const file = `apps/${service}/src/app.ts`;
  return /^ {2}database: true,$/m.test(read(file) ?? '')
    ? []
    : [
        `${file} declares no database of its own (database: true), and ${service} may not read another one's.`,
      ];
}

/** Lint rejects such an import; this also finds it if lint is disabled. */
function sharedCode(service: string, { read, list }: Parts): string[] {
  const importsOf = (app: string, from: string) =>
    list(`apps/${app}/src`)
      .filter((file) => /\.tsx?$/.test(file))
      .filter((file) => (read(file) ?? '').includes(`'@bulkhead/app/${from}/`))
      .map(
        (file) =>
          `${file} imports code of ${from}; move it into a library, or have ${app} call ${from} by its contract.`,
      );
  return serviceNames
    .filter((other) => other !== service)
    .flatMap((other) => [...importsOf(other, service), ...importsOf(service, other)]);
}
