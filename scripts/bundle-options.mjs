import { root } from './install.mjs';

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
  // Generated clients ask for their own place by import.meta.url, which CommonJS does not have.
  define: { BULKHEAD_VERSION: JSON.stringify(version), 'import.meta.url': 'bulkheadModuleUrl' },
  banner: { js: "const bulkheadModuleUrl = require('node:url').pathToFileURL(__filename).href;" },
  logLevel: 'warning',
});
