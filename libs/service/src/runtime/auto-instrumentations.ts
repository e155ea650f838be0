import { createRequire } from 'node:module';
import path from 'node:path';
import type { NodeSdkOptions } from '@bulkhead/telemetry/node-sdk';
import { ConfigError } from '../config';

export const autoInstrumentationsPackage = '@opentelemetry/auto-instrumentations-node';

interface AutoInstrumentations {
  getNodeAutoInstrumentations(): NonNullable<NodeSdkOptions['instrumentations']>;
}

/**
 * OpenTelemetry's instrumentations of packages, where they are asked for. They are no part of the product: whoever wants
 * them installs the package beside the program.
 * @param folder where the package is looked for, and in those above
 * @throws ConfigError where it is not installed
 */
export function autoInstrumentations(
  { AUTO_INSTRUMENTATION }: { readonly AUTO_INSTRUMENTATION: boolean },
  folder: string = __dirname,
): NonNullable<NodeSdkOptions['instrumentations']> {
  if (!AUTO_INSTRUMENTATION) return [];
  const load = createRequire(path.join(folder, 'main.js'));
  try {
    load.resolve(autoInstrumentationsPackage);
  } catch {
    throw new ConfigError(
      `AUTO_INSTRUMENTATION=on needs the package ${autoInstrumentationsPackage}, which is not installed in ${folder} or above it.`,
    );
  }
  return (load(autoInstrumentationsPackage) as AutoInstrumentations).getNodeAutoInstrumentations();
}
