import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

const root = path.join(__dirname, '../..');

interface Complaint {
  readonly ruleId: string;
  readonly message: string;
}

/** Has the workspace's own lint look at files as if each held the one line that is given for it. */
async function lint(files: readonly (readonly [file: string, line: string])[]): Promise<Complaint[][]> {
  // ESLint reads its configuration by an import that jest does not have.
  const code = `
    import { ESLint } from 'eslint';
    const eslint = new ESLint();
    const results = [];
    for (const [filePath, line] of ${JSON.stringify(files)})
      results.push((await eslint.lintText(line + '\\n', { filePath }))[0].messages);
    console.log(JSON.stringify(results));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', code], {
    cwd: root,
    env: { PATH: process.env['PATH'], NX_DAEMON: 'false', NX_NO_CLOUD: 'true' },
    maxBuffer: 16 * 1024 * 1024,
  });
  return JSON.parse(stdout.slice(stdout.indexOf('[['))) as Complaint[][];
}

const order = 'apps/order/src/app.ts';
const kit = 'libs/service/src/ids.ts';
const authService = '@bulkhead/app/auth/src/app';

const refused = [
  [order, `export { authService } from '${authService}';`],
  [order, `export const later = () => import('${authService}');`],
  [order, `export { authService } from '../../auth/src/app';`],
  [order, `export { definitions } from '@bulkhead/app/monolith/src/definitions';`],
  [kit, `export { authService } from '${authService}';`],
  [kit, `export { authService } from '../../../apps/auth/src/app';`],
  ['libs/testing/src/eventually.ts', `export { authService } from '${authService}';`],
  // Lower layers know nothing of higher ones, also where that makes no circle.
  ['libs/contracts/src/event.ts', `export { createRelay } from '@bulkhead/messaging/relay';`],
  ['libs/telemetry/src/logger.ts', `export { serviceNames } from '@bulkhead/contracts/services';`],
  ['libs/resilience/src/clock.ts', `export { createLogger } from '@bulkhead/telemetry/logger';`],
] as const;

const allowed = [
  [order, `export { randomIds } from '@bulkhead/service/ids';`],
  ['apps/monolith/src/definitions.ts', `export { authService } from '${authService}';`],
] as const;

test('an app imports libs alone, a lib no app and no lib above it; the monolith puts apps together', async () => {
  const results = await lint([...refused, ...allowed]);
  const boundaries = results.map((complaints) =>
    complaints.some(({ ruleId }) => ruleId === '@nx/enforce-module-boundaries'),
  );
  expect([...refused, ...allowed].map((each, index) => [...each, boundaries[index]])).toEqual([
    ...refused.map((each) => [...each, true]),
    ...allowed.map((each) => [...each, false]),
  ]);
}, 300_000);
