import { loadConfig } from '@bulkhead/service/config';
import type { Mode } from '@bulkhead/service/service';
import { AuthConfig, checkConfig } from './config';

const load = (environment: Record<string, string>, mode: Mode) => {
  const config = loadConfig(AuthConfig, environment);
  checkConfig(config, mode);
  return config;
};
const strong = 'kJ8#vQ2!mZ7@xR4$nB9%wT1^cL6&yH3*';

test('development needs no configuration', () => {
  expect(load({}, 'development')).toMatchObject({
    AUTH_TOKEN_ALGORITHM: 'EdDSA',
    AUTH_KEY_ROTATION_DAYS: 30,
  });
});

test.each([
  ['the default secret', {}, 'AUTH_KEY_ENCRYPTION_SECRET'],
  ['a short secret', { AUTH_KEY_ENCRYPTION_SECRET: 'kJ8#vQ2!mZ7@' }, 'AUTH_KEY_ENCRYPTION_SECRET'],
  ['a repetitive secret', { AUTH_KEY_ENCRYPTION_SECRET: 'ab'.repeat(20) }, 'AUTH_KEY_ENCRYPTION_SECRET'],
  [
    'a weak admin password',
    {
      AUTH_KEY_ENCRYPTION_SECRET: strong,
      AUTH_ADMIN_EMAIL: 'a@b.example',
      AUTH_ADMIN_PASSWORD: 'administrator',
    },
    'AUTH_ADMIN_PASSWORD',
  ],
])('production refuses %s, naming the variable and not the value', (_name, environment, variable) => {
  expect(() => load(environment, 'production')).toThrow(new RegExp(`^${variable} .*NODE_ENV=production`));
  for (const value of Object.values(environment))
    expect(() => load(environment, 'production')).not.toThrow(value);
});

test('production takes good secrets', () => {
  const environment = {
    AUTH_KEY_ENCRYPTION_SECRET: strong,
    AUTH_ADMIN_EMAIL: 'a@b.example',
    AUTH_ADMIN_PASSWORD: 'quiet river under stones',
  };
  expect(() => load(environment, 'production')).not.toThrow();
});

test.each([
  [{ AUTH_ADMIN_EMAIL: 'a@b.example' }, 'AUTH_ADMIN_PASSWORD'],
  [{ AUTH_ADMIN_EMAIL: 'nobody', AUTH_ADMIN_PASSWORD: 'long enough' }, 'AUTH_ADMIN_EMAIL'],
  [{ AUTH_TOKEN_ALGORITHM: 'HS256' }, 'AUTH_TOKEN_ALGORITHM'],
  [{ AUTH_KEY_ROTATION_DAYS: '0' }, 'AUTH_KEY_ROTATION_DAYS'],
])('%j is refused', (environment, variable) => {
  expect(() => load(environment, 'development')).toThrow(variable);
});
