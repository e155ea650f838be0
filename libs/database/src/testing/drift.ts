import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { testServerUrl } from './postgres';

const root = path.join(__dirname, '../../../..');

/**
 * Applies a project's migrations to an empty database and makes Prisma compare it with its schema.prisma.
 * @param project its folder, such as 'apps/order' @throws Error with the SQL that is missing in the migrations
 */
export const assertNoDrift = async (project: string): Promise<void> => {
  const script = path.join(root, 'tools/shop/migration.ts');
  const env = { ...process.env, TEST_DATABASE_URL: await testServerUrl() };
  await promisify(execFile)(process.execPath, [script, '--check', project], { cwd: root, env }).catch(
    (error: unknown) => {
      throw new Error((error as { stderr?: string }).stderr?.trim() || String(error));
    },
  );
};
