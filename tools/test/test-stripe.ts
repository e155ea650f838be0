/**
 * `npm run test:stripe`: every request of the Stripe adapter against stripe-mock, which checks it by Stripe's own OpenAPI
 * description. STRIPE_MOCK names the program, else the one on the PATH, else Go installs it into node_modules/.cache.
 * The last line is `N passed, N failed`.
 */
import { findGoProgram } from './go-program.ts';
import { ensureInstalled } from '../bootstrap/install.mjs';
import { runJest } from './run-jest.ts';

/** Of Stripe's API 2026-08-26, the newest that there is: https://github.com/stripe/stripe-mock/releases */
const stripeMock = {
  name: 'stripe-mock',
  module: 'github.com/stripe/stripe-mock',
  version: 'v0.203.0',
  variable: 'STRIPE_MOCK',
};

ensureInstalled();
await runJest(['--config', 'apps/payment/jest.config.cjs', 'stripe-mock'], {
  environment: { STRIPE_MOCK: findGoProgram(stripeMock) },
});
