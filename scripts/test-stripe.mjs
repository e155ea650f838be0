/**
 * `npm run test:stripe`: every request of the Stripe adapter against stripe-mock, which checks it by Stripe's own OpenAPI
 * description. STRIPE_MOCK names the program, else the one on the PATH, else Go installs it into node_modules/.cache.
 * The last line is `N passed, N failed`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { findOnPath } from './debian-program.mjs';
import { ensureInstalled, root } from './install.mjs';
import { runJest } from './run-jest.mjs';
import { stopUnavailable } from './unavailable.mjs';

/** Of Stripe's API 2026-08-26, the newest that there is: https://github.com/stripe/stripe-mock/releases */
const version = 'v0.203.0';

/** @returns {string} the program; without one this process ends */
function findStripeMock() {
  const given = process.env.STRIPE_MOCK ?? findOnPath('stripe-mock');
  if (given && spawnSync(given, ['-version'], { stdio: 'ignore' }).error)
    return stopUnavailable(`STRIPE_MOCK is ${given}, which cannot be run.`);
  if (given) return given;
  const folder = path.join(root, `node_modules/.cache/bulkhead/stripe-mock-${version}`);
  const program = path.join(folder, 'stripe-mock');
  if (existsSync(program)) return program;
  console.log(`Installing stripe-mock ${version} …`);
  const { error, status } = spawnSync('go', ['install', `github.com/stripe/stripe-mock@${version}`], {
    cwd: root,
    env: { ...process.env, GOBIN: folder },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (error) stopUnavailable('stripe-mock is needed: install it or Go, or say where it is with STRIPE_MOCK.');
  if (status !== 0 || !existsSync(program)) stopUnavailable(`Go could not install stripe-mock ${version}.`);
  return program;
}

ensureInstalled();
runJest(['--config', 'apps/payment/jest.config.cjs', 'stripe-mock'], {
  environment: { STRIPE_MOCK: findStripeMock() },
});
