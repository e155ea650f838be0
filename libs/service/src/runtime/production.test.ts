import { loadConfig } from '../config';
import { devIssuer } from '../identity/dev-issuer';
import { DatabaseConfig, refuseDefaultPasswords, refuseInProduction } from './base-config';

const good = { FAULTS: false, SERVICE_IDENTITY_ISSUER: 'https://kubernetes.default.svc' };

test.each([
  ['the development issuer of identities', { SERVICE_IDENTITY_ISSUER: devIssuer }, 'SERVICE_IDENTITY_ISSUER'],
  ['faults on purpose', { FAULTS: true, ADMIN_TOKEN: 'a token that is long enough' }, 'FAULTS=on'],
  ['the timers of experiments', { TIMERS: 'fast' as const }, 'TIMERS=fast'],
  ['a service that nothing protects', { RESILIENCE: false }, 'RESILIENCE=off'],
])('production refuses %s, with a sentence', (_what, change, variable) => {
  const config = { ...good, ...change };
  expect(() => refuseInProduction('production', config)).toThrow(
    new RegExp(`^${variable} .*refused where NODE_ENV=production`),
  );
  expect(() => refuseInProduction('development', config)).not.toThrow();
});

test('production takes what is meant for it', () => {
  expect(() => refuseInProduction('production', good)).not.toThrow();
});

const urls = (password: string, databasePassword = 'Kq3-x8Vb2_nT') =>
  loadConfig(DatabaseConfig, {
    DATABASE_URL: `postgres://order_app:${databasePassword}@db/order`,
    RABBITMQ_URL: `amqp://guest${password === '' ? '' : `:${password}`}@broker`,
  });

test.each(['guest', 'password', 'changeme'])('production refuses the default password %s', (password) => {
  const both = urls(password);
  expect(() => refuseDefaultPasswords('production', both)).toThrow(
    /^RABBITMQ_URL .*NODE_ENV=production; give the service one of its own\.$/,
  );
  expect(() => refuseDefaultPasswords('test', both)).not.toThrow();
  expect(() => refuseDefaultPasswords('production', urls('Zt7_pQ4-mW9x', password))).toThrow(
    /^DATABASE_URL /,
  );
  const RABBITMQ_URL = `amqp://me:Zt7_pQ4-mW9x@a,amqp://guest:${password}@b`;
  const several = loadConfig(DatabaseConfig, {
    DATABASE_URL: 'postgres://order_app:Kq3-x8Vb2_nT@db/order',
    RABBITMQ_URL,
  });
  expect(() => refuseDefaultPasswords('production', several)).toThrow(/^RABBITMQ_URL /);
});

test('production takes a password of the service’s own, and certificates in its place', () => {
  for (const password of ['Zt7_pQ4-mW9x', ''])
    expect(() => refuseDefaultPasswords('production', urls(password))).not.toThrow();
});

test.each([
  ['amqp://me:Zt7_pQ4-mW9x@a:5672', true],
  ['amqp://me:Zt7_pQ4-mW9x@a,amqps://b:5671', true],
  ['amqp://me:Zt7_pQ4-mW9x@a,http://b', false],
  ['amqp://me:Zt7_pQ4-mW9x@a,b', false],
])('of RABBITMQ_URL, %s is taken: %s', (RABBITMQ_URL, isTaken) => {
  const load = () =>
    loadConfig(DatabaseConfig, { DATABASE_URL: 'postgres://order_app:x@db/order', RABBITMQ_URL });
  if (isTaken) expect(load().RABBITMQ_URL.value).toBe(RABBITMQ_URL);
  else
    expect(load).toThrow(
      /^RABBITMQ_URL .* must be a URL that starts with amqp:\/\/ or amqps:\/\/, or several of them separated by commas\.$/,
    );
});

test('of RABBITMQ_CA, what is no certificate is refused', () => {
  const load = (RABBITMQ_CA: string) => () =>
    loadConfig(DatabaseConfig, {
      DATABASE_URL: 'postgres://order_app:x@db/order',
      RABBITMQ_URL: 'amqp://order:x@broker',
      RABBITMQ_CA,
    });
  expect(load('/etc/tls/ca.pem')).toThrow(
    /^RABBITMQ_CA .* must be certificates in PEM, not the name of a file\.$/,
  );
  expect(load('-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----')).not.toThrow();
});
