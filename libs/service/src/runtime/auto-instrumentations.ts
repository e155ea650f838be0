import { createRequire } from 'node:module';
import path from 'node:path';
import type { NodeSdkOptions } from '@bulkhead/telemetry/node-sdk';
import { ConfigError } from '../config';

export const autoInstrumentationsPackage = '@opentelemetry/auto-instrumentations-node';

interface AutoInstrumentations {
  getNodeAutoInstrumentations(): NonNullable<NodeSdkOptions['instrumentations']>;
}

/**
 * OpenTelemetry's instrumentations of packages, if enabled. They are not part of the product: install the package
 * beside the program to use them.
 * @param folder where the package is searched, and in its parent folders
 * @throws ConfigError if it is not installed
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
