/** Generates a service's Prisma client: `node tools/build/generate.ts apps/order`. Needs no network and no database. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const root = path.join(import.meta.dirname, '../..');
const project = process.argv[2];
if (!project) {
  console.error('usage: node tools/build/generate.ts <project folder>');
  process.exit(2);
}
const schema = path.join(root, project, 'prisma/schema.prisma');
if (!existsSync(schema)) process.exit(0);

const generated = path.join(root, project, 'src/generated');
// What an older version of the schema left behind must not be found by an import.
rmSync(generated, { recursive: true, force: true });
mkdirSync(generated, { recursive: true });

// For `@default(now())` the client would send the time of its own process; the default of the column is the database's
// clock (docs/decisions/0014-which-clock-decides.md). Migrations are compared with the schema as it is written.
const clientSchema = path.join(generated, 'schema.prisma');
writeFileSync(
  clientSchema,
  readFileSync(schema, 'utf8')
    .replaceAll('@default(now())', '@default(dbgenerated("now()"))')
    .replace('"../src/generated/prisma"', '"./prisma"'),
);

const { status, stdout, stderr } = spawnSync(
  process.execPath,
  [
    path.join(root, 'node_modules/prisma/build/index.js'),
    'generate',
    `--schema=${clientSchema}`,
    '--no-hints',
  ],
  {
    cwd: root,
    encoding: 'utf8',
    env: {
      ...process.env,
      // Generating uses no engine, but Prisma would download one; and it would report back and look for updates.
      PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true',
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
      CHECKPOINT_DISABLE: '1',
    },
  },
);
if (status !== 0) {
  console.error(`${stdout}${stderr}`.trim());
  process.exit(status ?? 1);
}

// The client loads its query compiler by import(), which is not there in CommonJS under jest; require() is everywhere.
const file = path.join(generated, 'prisma/internal/class.ts');
const source = readFileSync(file, 'utf8');
const required = source.replaceAll(
  /await import\((['"])([^'"]+)\1\)/g,
  (_all, _quote, specifier: string) =>
    `require('${specifier.replace('.wasm-base64.mjs', '.wasm-base64.js').replace('postgresql.mjs', 'postgresql.js')}')`,
);
if (required === source) {
  console.error(`${project}: the generated client has changed its form; tools/build/generate.ts must follow`);
  process.exit(1);
}
writeFileSync(file, required);
