import { root } from '../bootstrap/install.mjs';
import { lazyPackages } from './lazy-packages.mjs';
import { moduleUrl } from './module-url.mjs';

/**
 * What esbuild is told for every program of the workspace, be it run here or deployed.
 * @param {string} version what it says its version is
 */
export const bundleOptions = (version) => ({
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
});
