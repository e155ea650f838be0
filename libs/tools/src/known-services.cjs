/** The generators' knowledge of existing services. */
const { definedBy, keysOf } = require('./edit-source.cjs');

const list = 'libs/contracts/src/services.ts';

/** @returns {string[]} names of the services, the gateway's not among them: it forwards and has no code of its own */
exports.servicesIn = (tree) =>
  keysOf(tree.read(list, 'utf8'), 'services').filter((name) => name !== 'gateway');

/** @throws Error with a sentence if there is no such service */
exports.requireService = (tree, service) => {
  const known = exports.servicesIn(tree);
  if (!known.includes(service))
    throw new Error(`There is no service ${service}; there are: ${known.join(', ')}.`);
};

/**
 * Required configuration of a service, beyond that of every service; the values are those of a test. No request is sent
 * to these hosts.
 */
const required = {
  notification: {
    SMTP_URL: 'smtp://127.0.0.1:1',
    MAIL_FROM: 'shop@mail.example.org',
    PUBLIC_URL: 'https://shop.example.org/',
  },
  payment: {
    PAYMENT_PROVIDER_URL: 'http://127.0.0.1:1',
    PAYMENT_WEBHOOK_SECRET: 'a secret of this test alone',
  },
};

/** @returns {string[]} its own variables that have no default */
exports.requiredVariablesOf = (service) => Object.keys(required[service] ?? {});

/** @returns the option `config` of startTestService as source, or '' where nothing is needed */
exports.testConfigOf = (service) =>
  required[service] ? `config: ${JSON.stringify(required[service])},` : '';

/** @returns {{ type: string, constant: string, service: string }[]} the events that services declare in their contracts */
exports.eventsIn = (tree) =>
  exports.servicesIn(tree).flatMap((service) => {
    const file = `libs/contracts/src/${service}/events.ts`;
    if (!tree.exists(file)) return [];
    const events = definedBy(tree.read(file, 'utf8'), 'defineEvent', 'type');
    return [...events].map(([constant, type]) => ({ type, constant, service }));
  });
