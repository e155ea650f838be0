import type { BuildOptions } from 'esbuild';
import { root } from '../bootstrap/install.mjs';
import { lazyPackages } from './lazy-packages.ts';
import { moduleUrl } from './module-url.ts';

/**
 * What esbuild is told for every program of the workspace, be it run here or deployed.
 * @param version what it says its version is
 */
export const bundleOptions = (version: string) =>
  ({
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    sourcemap: 'linked',
    sourcesContent: false,
    ...moduleUrl,
    define: { BULKHEAD_VERSION: JSON.stringify(version), ...moduleUrl.define },
    plugins: [lazyPackages],
    logLevel: 'warning',
  }) satisfies BuildOptions;
