/** Files generated from the declaration of the services, their contracts and their code. */
const { spawnSync } = require('node:child_process');
const { rmSync } = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '../../..');

/**
 * In this order: clients before what imports them, dashboards before the charts that take them along.
 * @param {{ generate?: string, remove?: readonly string[], breaking?: boolean, clientTypes?: boolean }} what the service that was
 *   added, or those that were removed; whether something is gone, or clients that know all services which hold something of
 *   a person meet one more, or one less; and whether types of the client are to be written too, which takes tools of their own
 */
exports.deriveFiles = ({ generate, remove = [], breaking = false, clientTypes = false }) => {
  for (const service of remove)
    for (const folder of ['apps', 'charts', 'dist/apps'])
      rmSync(path.join(root, folder, service), { recursive: true, force: true });
  const commands = [
    ...(generate ? [['generate', generate]] : []),
    ['contracts', ...(breaking ? ['--breaking'] : [])],
    ['dashboards'],
    ['charts'],
    ['docs:metrics'],
  ];
  for (const [command, ...words] of commands) {
    console.log(`npm run ${[command, ...words].join(' ')}`);
    const { status } = spawnSync(process.execPath, [path.join(root, 'tools/run.mjs'), command, ...words], {
      cwd: root,
      stdio: 'inherit',
    });
    if (status !== 0) throw new Error(`npm run ${command} failed; mend what it says and run it again.`);
  }
  if (clientTypes) console.log('Left to you: npm run client:types writes the types of @bulkhead/client.');
};
