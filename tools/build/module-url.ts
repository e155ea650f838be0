import { readFileSync } from 'node:fs';

const file = new URL('../../libs/development/src/module-url.json', import.meta.url);

/** Options of esbuild for bundles as CommonJS: generated clients ask for their own place by `import.meta.url`. */
export const moduleUrl = JSON.parse(readFileSync(file, 'utf8')) as {
  readonly define: Record<string, string>;
  readonly banner: Record<string, string>;
};
