/** Static files, which tools/build/build.ts puts into dist/apps/storefront/site; whatever lies in `assets` has a hash in its name, and may be cached for ever. */
import path from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { '@bulkhead/client': path.join(import.meta.dirname, '../../libs/client/src') } },
  build: {
    target: 'baseline-widely-available',
    // Inlined assets would be data: URLs, and the polyfill an inline script; the content security policy allows neither.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
