import { randomBytes } from 'node:crypto';
import { type Authority, createAuthority } from '@bulkhead/testing/authority';
import { withDatabase } from '../scenarios';
import { type Kube, type Pod, within } from './kube';
import { oddPassword, secret } from './production-secrets';
import type { Vendors } from './vendors/vendors';

/** One value of a Secret that is replaced. */
interface Rotated {
  /** The Secret, and the key in it. */
  readonly secret: string;
  readonly key: string;
  /** The service that has it mounted while it runs, and under which name; undefined for what only Jobs read. */
  readonly mountedBy?: { readonly service: string; readonly variable: string };
  readonly old: string;
  readonly young: string;
}

/** What all pods of a service must have said: how many values a variable has now. */
type Expected = readonly {
  readonly service: string;
  readonly variable: string;
  readonly count: number;
}[];

const servicePods = 'app.kubernetes.io/part-of=shop,app.kubernetes.io/component=service';
const authKeys = { secret: 'shop-auth-credentials', key: 'key-encryption-secret' };
const authVariable = 'AUTH_KEY_ENCRYPTION_SECRET';

/**
 * Replaces every secret of the production release by what docs/rotation.md says, all of them side by side: old and new are
 * given, then the servers change, then the old ones are withdrawn. Each step waits until every pod has said that it has
 * what was given.
 * @param atEachStep what people do after each step, so that connections are opened with what is valid then
 */
export async function rotateAllSecrets(
  kube: Kube,
  vendors: Vendors,
  atEachStep: () => Promise<void>,
): Promise<void> {
  const all = await planRotation(kube, vendors);
  const { old: oldKey, young: youngKey } = await planOf(kube, authKeys.secret, authKeys.key, () =>
    randomBytes(36).toString('base64'),
  );
  const oldAuthority = vendors.authority;
  const youngAuthority = createAuthority('Vendors, the next');
  const stripeKey = all.find(({ key }) => key === 'stripe-secret-key')!;
  const webhook = all.find(({ key }) => key === 'webhook-secret')!;
  const running = all.filter(({ mountedBy }) => mountedBy);

  // Stripe takes both keys for a while, and signs with the old secret until the shop knows the new one.
  await vendors.changeStripe({ keys: [stripeKey.old, stripeKey.young] });
  const begun = await give(
    kube,
    running.map((each) => ({ ...each, values: each === stripeKey ? [each.young] : [each.young, each.old] })),
    [oldAuthority, youngAuthority],
    [oldKey, youngKey],
  );
  await takenUp(kube, begun, [
    ...running.map((each) => ({ ...each.mountedBy!, count: each === stripeKey ? 1 : 2 })),
    { service: 'auth', variable: authVariable, count: 2 },
  ]);
  await haveAuthorities(kube, [oldAuthority, youngAuthority]);
  await atEachStep();

  const sealed = await sealedKeys(vendors);
  await Promise.all([
    changeLogins(all, vendors),
    vendors.presentCertificatesOf(youngAuthority),
    vendors.changeStripe({ keys: [stripeKey.young], secrets: [webhook.young] }),
    preferKey(kube, [youngKey, oldKey]),
  ]);
  await within(60, async () => {
    if ((await sealedKeys(vendors)) === sealed) throw new Error('the signing keys are encrypted as before');
  });
  await atEachStep();

  const withdrawn = await give(
    kube,
    all.map((each) => ({ ...each, values: [each.young] })),
    [youngAuthority],
    [youngKey],
  );
  await takenUp(kube, withdrawn, [
    ...running.filter((each) => each !== stripeKey).map((each) => ({ ...each.mountedBy!, count: 1 })),
    { service: 'auth', variable: authVariable, count: 1 },
  ]);
  await haveAuthorities(kube, [youngAuthority]);
  await atEachStep();
}

/** Ends every session at the servers, so that whatever works afterwards has signed in with what is valid now. */
export async function endAllSessions(vendors: Vendors): Promise<void> {
  await vendors.sql(
    `select pg_terminate_backend(pid) from pg_stat_activity where usename like '%\\_app' and pid <> pg_backend_pid()`,
    { superuser: true },
  );
  await vendors.rabbitmqctl('close_all_connections', '--global', 'the passwords have changed');
}

/** Every secret but the key of auth and the authorities, as it is and as it will be. */
async function planRotation(kube: Kube, vendors: Vendors): Promise<Rotated[]> {
  const planned: Rotated[] = [];
  const plan = async (
    name: string,
    key: string,
    next: (old: string) => string,
    mountedBy?: Rotated['mountedBy'],
  ) => {
    const { old, young } = await planOf(kube, name, key, next);
    planned.push({ secret: name, key, old, young, ...(mountedBy && { mountedBy }) });
  };
  for (const service of withDatabase) {
    await plan(`${service}-pg`, 'uri', withNewPassword, { service, variable: 'DATABASE_URL' });
    await plan(`${service}-mq`, 'uri', withNewPassword, { service, variable: 'RABBITMQ_URL' });
    await plan(`${service}-pg-owner`, 'uri', withNewPassword);
  }
  await plan('smtp', 'smtp-url', (old) => old.replace(vendors.smtp.password, hex()), {
    service: 'notification',
    variable: 'SMTP_URL',
  });
  await plan('stripe', 'stripe-secret-key', () => `rk_test_${hex()}`, {
    service: 'payment',
    variable: 'STRIPE_SECRET_KEY',
  });
  await plan('stripe', 'webhook-secret', () => `whsec_${hex()}`, {
    service: 'payment',
    variable: 'PAYMENT_WEBHOOK_SECRET',
  });
  return planned;
}

const hex = () => randomBytes(18).toString('hex');

const withNewPassword = (url: string) =>
  Object.assign(new URL(url), { password: encodeURIComponent(oddPassword()) }).toString();

async function planOf(kube: Kube, name: string, key: string, next: (old: string) => string) {
  const { data } = await kube.get<{ data: Record<string, string> }>('secret', name);
  const old = Buffer.from(data[key]!, 'base64').toString('utf8');
  return { old, young: next(old) };
}

/** Gives these values, one a line, the authorities as bundles, and the secret of auth. @returns when it began */
async function give(
  kube: Kube,
  given: readonly { readonly secret: string; readonly key: string; readonly values: readonly string[] }[],
  authorities: readonly Authority[],
  authSecret: readonly string[],
): Promise<Date> {
  const since = new Date();
  const secrets = new Map<string, Record<string, string>>();
  for (const { secret: name, key, values } of given)
    secrets.set(name, { ...secrets.get(name), [key]: values.join('\n') });
  const bundle = { 'ca.crt': bundleOf(authorities) };
  await kube.apply(
    secret('pg-ca', bundle),
    secret('mq-ca', bundle),
    ...[...secrets].map(([name, data]) => secret(name, data)),
  );
  await giveAuthSecret(kube, authSecret);
  return since;
}

const bundleOf = (authorities: readonly Authority[]) => authorities.map(({ ca }) => ca.trim()).join('\n');

/** It is a Job's making, not `kubectl apply`'s. */
const giveAuthSecret = (kube: Kube, values: readonly string[]) =>
  kube.kubectl([
    ...['patch', 'secret', authKeys.secret, '--type', 'merge', '-p'],
    JSON.stringify({ stringData: { [authKeys.key]: values.join('\n') } }),
  ]);

async function preferKey(kube: Kube, values: readonly string[]): Promise<void> {
  const since = new Date();
  await giveAuthSecret(kube, values);
  await takenUp(kube, since, [{ service: 'auth', variable: authVariable, count: values.length }]);
}

/** Waits until all pods have said so since then, after the kubelet was made to look now. */
async function takenUp(kube: Kube, since: Date, expected: Expected): Promise<void> {
  await kube.kubectl(['annotate', 'pods', '-l', servicePods, `rotated-at=${Date.now()}`, '--overwrite']);
  const names = (await runningPods(kube)).map(({ metadata }) => metadata.name);
  await within(120, async () => {
    const said = await secretsTakenUp(kube, since);
    const missing = expected.flatMap(({ service, variable, count }) =>
      names
        .filter((name) => name.startsWith(`shop-${service}-`) && !said.has(`${name} ${variable} ${count}`))
        .map((name) => `${name} has not said that ${variable} has changed, and has ${count} now`),
    );
    if (missing.length > 0) throw new Error(missing.join('\n'));
  });
}

const runningPods = async (kube: Kube) =>
  (await kube.list<Pod>('pod', servicePods)).filter(
    ({ metadata, status }) => !('deletionTimestamp' in metadata) && status.phase === 'Running',
  );

/** Lines of the form `POD VARIABLE COUNT`. */
async function secretsTakenUp(kube: Kube, since: Date): Promise<ReadonlySet<string>> {
  const logs = await kube.kubectl([
    ...['logs', '-l', servicePods, '--prefix', '--tail=-1', `--since-time=${since.toISOString()}`],
    '--max-log-requests=50',
  ]);
  const lines = logs.matchAll(
    /^\[pod\/([^/\]]+)\/[^\]]*\] (\{.*"secret has changed; the new value is in use".*\})$/gm,
  );
  const said = new Set<string>();
  for (const [, pod, line] of lines) {
    const { variable, count, time } = JSON.parse(line!) as { variable: string; count: number; time: string };
    if (new Date(time) >= since) said.add(`${pod} ${variable} ${count}`);
  }
  return said;
}

/** What has neither a database nor a broker. */
const withoutServers = ['gateway', 'storefront'];

/** Nothing tells of authorities, which are read for each new connection: their files show what the pods have. */
async function haveAuthorities(kube: Kube, authorities: readonly Authority[]): Promise<void> {
  const expected = bundleOf(authorities);
  const script = 'cat "$DATABASE_CA_FILE"; echo ===; cat "$RABBITMQ_CA_FILE"';
  for (const { metadata } of await runningPods(kube)) {
    if (withoutServers.some((name) => metadata.name.startsWith(`shop-${name}-`))) continue;
    await within(90, async () => {
      const mounted = await kube.kubectl(['exec', metadata.name, '--', 'sh', '-c', script]);
      for (const bundle of mounted.split('===\n').map((text) => text.trim()))
        if (bundle !== expected) throw new Error(`${metadata.name} has other authorities mounted`);
    });
  }
}

/** What the administrators of PostgreSQL, RabbitMQ and the mail server do. */
async function changeLogins(all: readonly Rotated[], vendors: Vendors): Promise<void> {
  const logins = all
    .filter(({ key }) => key !== 'stripe-secret-key' && key !== 'webhook-secret')
    .map(({ key, young }) => {
      const { protocol, username, password } = new URL(young);
      return { key, protocol, user: username, password: decodeURIComponent(password) };
    });
  const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;
  await vendors.sql(
    logins
      .filter(({ protocol }) => protocol === 'postgres:')
      .map(({ user, password }) => `alter role ${user} password ${literal(password)};`)
      .join('\n'),
  );
  for (const { protocol, user, password } of logins) {
    if (protocol === 'amqps:') await vendors.changeBrokerPassword(user, password);
    if (protocol === 'smtp:') await vendors.changeMailPassword(password);
  }
}

/** Changes when the signing keys are encrypted with another secret. */
const sealedKeys = (vendors: Vendors) =>
  vendors.sql(`select string_agg(md5(private_key), ',' order by kid) from signing_keys`, {
    database: 'bulkhead_auth',
    superuser: true,
  });
