/**
 * `npm run test:generator [-- --check]`: in a clone of the work tree as it is, generates a service, then an endpoint, an
 * event and a consumer of it, runs its tests, starts the shop with it, asks it, does so once more with it as a process of its
 * own, and removes all of it again, after which the clone is as it was. With `--check` also format, lint and types, and what
 * Helm makes of its chart. The last line is `N passed, N failed`.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import { createEndToEndTest } from '../test/end-to-end.ts';
import { makeClone } from '../test/fresh-clone.ts';
import { ensureInstalled } from '../bootstrap/install.mjs';
import { createPatientClient } from '../test/patient-client.ts';
import { startShop } from '../test/shop.ts';
import { programsOf } from '../test/workspace-programs.ts';

ensureInstalled();
const isThorough = process.argv.includes('--check');
const { folder, processes, step, run } = createEndToEndTest('generator', { stopAtFailure: true });
const clone = path.join(folder, 'clone');
const programs = programsOf(processes, clone);
/** As `npm start`, which reads what was extracted, and may have to build the storefront first. */
const asPeopleDo = { program: ['tools/shop/start.ts'] };

/** Nothing of them is in the repository. */
const untracked = /^(node_modules|dist|\.nx|generated|test-results|\.bulkhead|.*\.tsbuildinfo)$/;

/** @returns a hash of each file that a commit would hold, by its path */
function contentOf(place, found = new Map()) {
  for (const entry of readdirSync(place).filter((name) => !untracked.test(name))) {
    const file = path.join(place, entry);
    const kind = lstatSync(file);
    if (kind.isDirectory()) contentOf(file, found);
    else {
      const content = kind.isSymbolicLink() ? readlinkSync(file) : readFileSync(file);
      found.set(path.relative(clone, file), createHash('sha256').update(content).digest('hex'));
    }
  }
  return found;
}

const dataDir = path.join(folder, 'data');
// A broker of its own: on that of others its queues would stay.
const environment = { RABBITMQ_URL: '', RABBITMQ_MANAGEMENT_URL: '', SPLIT_OFF: '' };

/** @param options more of startShop. @returns `places` of what the shop wrote about itself */
async function askInShop(options) {
  const shop = await startShop(processes, {
    command: 'monolith',
    dataDir,
    environment,
    workspace: clone,
    ...options,
  });
  const { call, register } = createPatientClient(shop.origin);
  try {
    const token = await register();
    const made = await call('/api/v1/shipments', { method: 'POST', token, json: { note: 'By hand' } });
    const { items } = await call('/api/v1/shipments', { token });
    if (items[0]?.id !== made.id) throw new Error(`what was created is not listed: ${JSON.stringify(items)}`);
    const { note } = await call(`/api/v1/shipments/${made.id}/track?note=Hello`, { token });
    if (note !== 'Hello') throw new Error(`trackShipment responds with ${JSON.stringify(note)}`);
    const exported = await call('/api/v1/me/export', { token });
    const part = exported.services.find(({ service }) => service === 'shipping');
    if (part?.items[0]?.note !== 'By hand') throw new Error(`not exported: ${JSON.stringify(exported)}`);
    return JSON.parse(readFileSync(path.join(dataDir, 'places.json'), 'utf8'));
  } catch (error) {
    throw new Error(`${error.message}\n${shop.output().slice(-4_000)}`);
  } finally {
    await shop.stop();
  }
}

/** @throws Error unless it is the one service that is a process of its own */
async function isApart() {
  const { processes: places } = await askInShop(asPeopleDo);
  const { shipping, ...others } = Object.fromEntries(
    Object.entries(places).map(([name, { pid }]) => [name, pid]),
  );
  if (shipping === others.gateway || new Set(Object.values(others)).size !== 1)
    throw new Error(`not two processes: ${JSON.stringify(places)}`);
}

const rendersIn = (chart) => {
  const { status, stderr, error } = spawnSync(
    'helm',
    ['template', 'shop', path.join(clone, 'charts', chart)],
    {
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    },
  );
  if (error) return console.log('      helm is not on the PATH: the charts are not rendered');
  if (status !== 0) throw new Error(stderr);
};

const changedSince = (before) => {
  const after = contentOf(clone);
  return [...new Set([...before.keys(), ...after.keys()])].filter(
    (file) => before.get(file) !== after.get(file),
  );
};

/** @throws Error that names the files that are not what they were */
async function isAs(before) {
  const differs = changedSince(before);
  if (differs.length > 0) throw new Error(`not as before: ${differs.join(', ')}`);
}

const generate = (...words) => programs.nx('g', ...words, '--no-interactive');
const trackPath = '--path=/api/v1/shipments/{shipmentId}/track';

await run(async () => {
  makeClone(clone, { packages: 'linked', clients: true });
  const before = contentOf(clone);
  await step('a service is generated', () =>
    generate('@bulkhead/tools:service', 'shipping', '--resource=shipment'),
  );
  const alone = contentOf(clone);
  await step('a dry run writes nothing', async () => {
    await generate('@bulkhead/tools:endpoint', 'shipping', 'trackShipment', trackPath, '--dry-run');
    await isAs(alone);
  });
  await step('an endpoint of it is generated', () =>
    generate('@bulkhead/tools:endpoint', 'shipping', 'trackShipment', trackPath),
  );
  await step('an event of it is generated', () =>
    generate('@bulkhead/tools:event', 'shipping', 'shipment.sent'),
  );
  await step('a consumer of it is generated', () =>
    generate('@bulkhead/tools:consumer', 'shipping', 'order.cancelled'),
  );
  await step('it lacks nothing', () => programs.jest('libs/tools', 'missing-parts'));
  await step('its contracts hold', () => programs.jest('libs/contracts'));
  await step('its tests pass', () => programs.jest('apps/shipping'));
  await step('the shop is built with it', () =>
    programs.nx('run-many', '-t', 'build', '--projects=monolith,shipping'),
  );
  await step('the shop starts, and the service creates, lists and exports', () => askInShop());
  const whole = contentOf(clone);
  await step('it is extracted by one file', async () => {
    await generate('@bulkhead/tools:extract', 'shipping');
    const changed = changedSince(whole).join(', ');
    if (changed !== 'apps/monolith/extracted.json') throw new Error(`changed: ${changed}`);
  });
  await step('it does the same as a process of its own', isApart);
  await step('it is taken back', async () => {
    await generate('@bulkhead/tools:extract', 'shipping', '--back');
    await isAs(whole);
  });
  if (isThorough) {
    await step('format, lint and types hold', () => programs.run('tools/run.mjs', 'check'));
    await step('its chart and the umbrella render', async () => ['shipping', 'bulkhead'].forEach(rendersIn));
  }
  await step('what was added to it is removed', async () => {
    await generate('@bulkhead/tools:remove', 'shipping', '--endpoint=trackShipment');
    await generate('@bulkhead/tools:remove', 'shipping', '--event=shipment.sent');
    await generate('@bulkhead/tools:remove', 'shipping', '--consumer=order.cancelled');
  });
  await step('the service is as it was', () => isAs(alone));
  await step('it is removed', () => generate('@bulkhead/tools:remove', 'shipping'));
  await step('nothing of it is left', () => isAs(before));
});
