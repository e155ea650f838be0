/** The generated sources: Prisma's clients, without which nothing that knows a service can be bundled or checked. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { runTarget } from './build-shop.ts';
import { root } from '../bootstrap/install.mjs';

/** Generates what is missing or older than what it is made from. Ends the process with what nx said on failure. */
export const ensureGenerated = () => {
  if (schemas().every(isGenerated)) return;
  console.error('Generating database clients …');
  runTarget(['-t', 'generate'], 'The database clients could not be generated.');
};

const schemas = () =>
  ['apps', 'libs']
    .flatMap((folder) => readdirSync(path.join(root, folder)).map((name) => path.join(root, folder, name)))
    .map((project) => path.join(project, 'prisma/schema.prisma'))
    .filter((schema) => existsSync(schema));

const madeFrom = ['tools/build/generate.ts', 'node_modules/prisma/package.json'].map((file) =>
  path.join(root, file),
);

const isGenerated = (schema: string): boolean => {
  const client = path.join(path.dirname(schema), '../src/generated/prisma/internal/class.ts');
  if (!existsSync(client)) return false;
  const { mtimeMs } = statSync(client);
  return [schema, ...madeFrom].every((file) => existsSync(file) && statSync(file).mtimeMs <= mtimeMs);
};
