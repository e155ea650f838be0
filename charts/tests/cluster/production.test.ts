import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buy, createShopClient, type Person } from '@bulkhead/app/acceptance/src/client';
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeJwt } from 'jose';
import { parse } from 'yaml';
import { documentedProduction } from '../documented';
import { services } from '../scenarios';
import { charts, readEnvironment } from './environment';
import { createKube, within } from './kube';
import { expectNobodyFailed } from './nobody-failed';
import { secretValue } from './nothing-lost';
import { createProductionSecrets } from './production-secrets';
import { install, type ReleaseOptions, rollback, testRelease, uninstall, upgrade } from './release';
import { endAllSessions, rotateAllSecrets } from './rotation';
import { type AcknowledgedOrder, startTraffic } from './traffic';
import type { ClientRequest } from './vendors/appending-proxy';
import { startVendors, type Vendors } from './vendors/vendors';
import { visitor } from './visitor';

const environment = readEnvironment();
const shop = createShopClient(environment.shopUrl);
const admin = 'admin@shop.example';
/** Who issues tokens in clusters made by kubeadm, and in few others. */
const kubeadmIssuer = 'https://kubernetes.default.svc.cluster.local';
/** Pages that every service with people of its own takes part in. */
const pages = [
  ...['/api/v1/orders', '/api/v1/me', '/api/v1/products?limit=5', '/api/v1/notifications'],
  ...['/api/v1/search?q=kettle', '/api/v1/auth/sessions', '/api/v1/stock/KETTLE-0'],
];
const read = (file: string) => parse(readFileSync(file, 'utf8')) as { [key: string]: any };

/**
 * The YAML that docs/kubernetes.md shows, with servers that are nobody's stand-in for this shop: they speak TLS by a private
 * authority, their administrators are no superusers, mail is taken on 587 from an account, and payments are Stripe's.
 */
describe('production as docs/kubernetes.md shows it', () => {
  const kube = createKube('bulkhead-production');
  const outside = createKube('bulkhead-vendors');
  let vendors: Vendors;
  let options: ReleaseOptions;

  beforeAll(async () => {
    await Promise.all([kube.create(), outside.create()]);
    const given = read(environment.valuesFile);
    const { postgresql, rabbitmq } = { ...read(join(charts, 'infra/values.yaml')), ...given['infra'] } as {
      postgresql: { image: string };
      rabbitmq: { image: string };
    };
    vendors = await startVendors(outside, {
      images: {
        postgresql: postgresql.image,
        rabbitmq: rabbitmq.image,
        node: `docker.io/bulkhead/payment:${environment.tag}`,
      },
      gateway: `http://shop-gateway.${kube.namespace}.svc:8080`,
    });
    await createProductionSecrets(kube, vendors);
    options = {
      name: 'shop',
      namespace: kube.namespace,
      chart: join(charts, 'bulkhead'),
      files: [join(charts, 'bulkhead/values-production.yaml')],
      values: forThisCluster(documentedProduction(), await apiServers(), given),
      timeoutSeconds: 420,
    };
    await install(options).catch(async (error: Error) => {
      throw new Error(`${error.message}\n${await kube.describe()}`);
    });
  }, 900_000);
  afterAll(() => Promise.all([kube.delete(), outside.delete()]));

  it('starts with an empty catalog, which the admin fills', async () => {
    await within(60, async () => expect((await shop.call('/api/v1/products')).status).toBe(200));
    const token = await signInAdmin();
    for (let each = 0; each < 10; each += 1) {
      const sku = `KETTLE-${each}`;
      const json = {
        ...{
          sku,
          slug: `kettle-${each}`,
          name: `Kettle ${each}`,
          description: 'Boils water.',
          category: 'kitchen',
        },
        price: { amount: 3_290, currency: 'EUR' },
      };
      const { status, text } = await shop.call('/api/v1/products', { method: 'POST', token, json });
      expect({ status, text }).toMatchObject({ status: 201 });
      await within(30, async () => {
        const adjusted = await shop.call(`/api/v1/stock/${sku}/adjustments`, {
          ...{ method: 'POST', token, json: { delta: 10_000, reason: 'first delivery' } },
          headers: { 'idempotency-key': sku },
        });
        expect(adjusted.status).toBe(200);
      });
    }
  });

  it('sells, takes the money at Stripe, and mails the buyer', async () => {
    const { person: buyer, orderId } = await confirmedOrder(2);
    await within(30, async () =>
      expect(
        (await vendors.mails()).filter(({ to }) => to.includes(buyer.email)).map(({ from }) => from),
      ).toContain('orders@shop.example'),
    );
    const [intent] = (await vendors.stripeState()).intents.filter(
      ({ metadata }) => metadata['order_id'] === orderId,
    );
    expect(intent).toMatchObject({
      status: 'succeeded',
      amount: 6_580,
      amount_received: 6_580,
      currency: 'eur',
    });
  });

  it('refunds through Stripe, and notifies the buyer', async () => {
    const { person: buyer, orderId } = await confirmedOrder(1);
    const token = await signInAdmin();
    const { body: payments } = await shop.call(`/api/v1/payments?orderId=${orderId}`, { token });
    const refunded = await shop.call(`/api/v1/payments/${payments.items[0].id}/refunds`, {
      ...{ method: 'POST', token, headers: { 'idempotency-key': randomUUID() } },
      json: { amount: { amount: 1_000, currency: 'EUR' } },
    });
    expect(refunded).toMatchObject({ status: 201 });
    expect((await vendors.stripeState()).refunds.map(({ amount }) => amount)).toContain(1_000);
    await within(30, async () =>
      expect(
        (await vendors.mails()).filter(({ to }) => to.includes(buyer.email)).map(({ subject }) => subject),
      ).toContainEqual(expect.stringMatching(/refund/i)),
    );
  });

  it('passes `helm test`', async () => {
    expect(await testRelease('shop', kube.namespace)).toMatch(/Phase:\s+Succeeded/);
  });

  it('verifies service tokens of the cluster’s own issuer, without a value for it', async () => {
    const config = await kube.get<{ data: Record<string, string> }>('configmap', 'shop-order');
    expect(config.data).not.toHaveProperty('SERVICE_IDENTITY_ISSUER');
    const token = await kube.kubectl([
      ...['exec', 'deploy/shop-order', '--', 'cat', '/var/run/bulkhead/identity/payment'],
    ]);
    const { iss } = decodeJwt(token.trim());
    if (environment.tokenIssuer === undefined) return;
    expect(iss).toBe(environment.tokenIssuer);
    expect(iss).not.toBe(kubeadmIssuer);
  });

  it('throttles a client behind a load balancer by the address that this appends, whatever the client writes, and nobody else', async () => {
    const signIn = (from: string, login: object, headers = {}): ClientRequest => ({
      ...{ from, method: 'POST', path: '/api/v1/auth/login', body: JSON.stringify(login) },
      headers: { 'content-type': 'application/json', ...headers },
    });
    const guess = (from: string, headers = {}) =>
      signIn(from, { email: `${randomUUID()}@people.example`, password: 'not the password' }, headers);
    const [guesser, other] = ['127.0.0.2', '127.0.0.3'];
    const guesses = await vendors.askAs(Array.from({ length: 50 }, () => guess(guesser)));
    expect(new Set(guesses.map(({ status }) => status))).toEqual(new Set([401]));
    // Waits double: this one is long enough for what comes next.
    await within(60, async () => {
      const [reply] = await vendors.askAs([guess(guesser)]);
      expect(reply).toMatchObject({ status: 429 });
      expect(reply!.retryAfter).toBeGreaterThanOrEqual(7);
    });
    const { email, password } = (await visitor(shop)).person;
    const replies = await vendors.askAs([
      guess(guesser, { 'x-forwarded-for': '203.0.113.50' }),
      guess(guesser, { 'x-forwarded-for': `${other}, 203.0.113.51` }),
      guess(other),
      signIn(other, { email, password }),
    ]);
    expect(replies.map(({ status }) => status)).toEqual([429, 429, 401, 200]);
  });

  it('has every secret rotated under load, as docs/rotation.md says, without a failed request', async () => {
    const before = await vendors.stripeState();
    const traffic = await startTraffic(shop, { browseRate: 4, orderRate: 1 });
    const crowd = () => traffic.crowd(Array.from({ length: 5 }, () => pages).flat());
    await rotateAllSecrets(kube, vendors, crowd);
    const report = await traffic.stop();
    await expectNobodyFailed(kube, report);
    expect(report.orders.length).toBeGreaterThan(20);
    await expectConfirmed(traffic.person, report.orders);
    const { webhooks } = await vendors.stripeState();
    expect(webhooks.refused).toBe(before.webhooks.refused);
    expect(webhooks.accepted).toBeGreaterThan(before.webhooks.accepted);
  });

  it('sells and mails with the new secrets alone once every session at the servers has ended', async () => {
    await endAllSessions(vendors);
    const { person } = await confirmedOrder(1);
    await within(60, async () =>
      expect((await vendors.mails()).flatMap(({ to }) => to)).toContain(person.email),
    );
  });

  it('refuses what a stolen signing key signed, and people go on with their refresh tokens', async () => {
    const { token, refreshToken } = (await visitor(shop)).person;
    const statuses = async (bearer: string) =>
      Promise.all(pages.map(async (path) => (await shop.call(path, { token: bearer })).status));
    const personal = ['/api/v1/orders', '/api/v1/me', '/api/v1/notifications', '/api/v1/auth/sessions'];
    const revoked = await kube.kubectl([
      ...['exec', 'deploy/shop-auth', '--', 'node', 'main.js', 'revoke-signing-keys'],
    ]);
    expect(revoked).toMatch(/^revoked \S+\nsigning with \S+$/m);
    await within(40, async () => {
      const known = await statuses(token);
      expect(known.filter((_, at) => personal.includes(pages[at]!))).toEqual(personal.map(() => 401));
    });
    const { body } = await shop.call('/api/v1/auth/refresh', { method: 'POST', json: { refreshToken } });
    await within(40, async () => {
      for (let round = 0; round < 3; round += 1)
        expect(await statuses(body.accessToken as string)).toEqual(pages.map(() => 200));
    });
  });

  it('is upgraded under load, and rolled back, without losing a request or an order', async () => {
    const traffic = await startTraffic(shop, { browseRate: 4, orderRate: 1 });
    const { values } = options as { values: { order: object } };
    // Everything that comes before pods runs for all services. New pods of all at once, two of each, are too many for a node
    // of two cores; the upgrade of all is tried on the shop of the defaults.
    const order = { ...values.order, podAnnotations: { 'example.com/release': 'the next one' } };
    await upgrade({ ...options, values: { ...values, order } });
    await rollback('shop', kube.namespace, 420);
    const report = await traffic.stop();
    await expectNobodyFailed(kube, report);
    expect(report.orders.length).toBeGreaterThan(20);
    await expectConfirmed(traffic.person, report.orders);
  });

  it('goes when it is uninstalled', () => uninstall('shop', kube.namespace));

  async function signInAdmin(): Promise<string> {
    const password = await secretValue(kube, 'shop-auth-credentials', 'admin-password');
    const { status, text, body } = await shop.call('/api/v1/auth/login', {
      method: 'POST',
      json: { email: admin, password },
    });
    if (status !== 200) throw new Error(`the sign-in of the admin: ${status} ${text}`);
    return body.tokens.accessToken as string;
  }
  /** Somebody's order, placed with one key until it is confirmed. */
  async function confirmedOrder(quantity: number): Promise<{ person: Person; orderId: string }> {
    const { person, products } = await visitor(shop);
    const { productId } = products[0]!;
    const purchase = { productId, quantity, key: randomUUID(), paymentMethod: 'pm_card_visa' };
    return within(60, async () => {
      const { status, body } = await buy(shop, person, purchase);
      expect([201, 202]).toContain(status);
      expect(await orderOf(person.token, body.id)).toMatchObject({ status: 'confirmed' });
      return { person, orderId: body.id as string };
    });
  }
  const orderOf = async (token: string, id: string) =>
    (await shop.call(`/api/v1/orders/${id}`, { token })).body;
  /** Asks for each order until it is confirmed, and no faster than one person may ask. */
  async function expectConfirmed(person: Person, orders: readonly AcknowledgedOrder[]): Promise<void> {
    const open = new Set(orders.map(({ orderId }) => orderId));
    await within(120, async () => {
      const states = new Map<string, unknown>();
      for (const orderId of open) {
        const { status, body, headers } = await shop.call(`/api/v1/orders/${orderId}`, {
          token: person.token,
        });
        if (status === 429) await sleep(Number(headers.get('retry-after')) * 1_000);
        if (body?.status === 'confirmed') open.delete(orderId);
        else states.set(orderId, body?.status ?? status);
      }
      expect(Object.fromEntries(states)).toEqual({});
    });
  }

  /** As docs/kubernetes.md says to find them. */
  async function apiServers(): Promise<object[]> {
    const defaults = createKube('default');
    const slices = await defaults.list<any>('endpointslices', 'kubernetes.io/service-name=kubernetes');
    return slices
      .flatMap(({ endpoints }) => endpoints)
      .map(({ addresses: [address] }) => ({ ipBlock: { cidr: `${address}/32` } }));
  }

  /**
   * What differs from the example: names and addresses, and how much CPU pods ask for; nothing of what they do. It is less
   * than in production, for a node of two cores, and more than the jobs of an upgrade ask for, as in production.
   */
  function forThisCluster(example: any, apiServer: object[], { global, gateway }: any): object {
    const to = [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': outside.namespace } } }];
    const small = { resources: { requests: { cpu: '40m', memory: '64Mi' } } };
    const values = {
      ...example,
      ...Object.fromEntries(services.map((name) => [name, { ...example[name], ...small }])),
    };
    const { networkPolicy } = example.global;
    const policies = { apiServer: { to: apiServer }, database: { to }, broker: { to } };
    expect(Object.keys(networkPolicy)).toEqual(Object.keys(policies));
    return {
      ...values,
      global: {
        ...example.global,
        image: { tag: environment.tag },
        networkPolicy: { ...global?.networkPolicy, ...policies },
        // "Provided by the release", docs/outside-servers.md.
        database: { ...example.global.database, tls: { ca: { existingSecret: 'pg-ca' } } },
        broker: { ...example.global.broker, tls: { ca: { existingSecret: 'mq-ca' } } },
        provision: {
          enabled: true,
          database: { existingSecret: 'postgres-admin' },
          broker: { existingSecret: 'rabbitmq-admin' },
        },
      },
      auth: { ...values.auth, config: { AUTH_ADMIN_EMAIL: admin } },
      gateway: {
        ...values.gateway,
        exposure: { ...example.gateway.exposure, ...gateway.exposure, host: '', tlsSecret: '' },
        // Stripe's webhooks come from the other namespace, not by the gateway's proxy.
        networkPolicy: { extraIngress: [{ from: to, ports: [{ port: 8080, protocol: 'TCP' }] }] },
      },
      payment: {
        ...values.payment,
        config: { ...example.payment.config, PAYMENT_PROVIDER_URL: `http://${vendors.hosts.stripe}:8443` },
        networkPolicy: { provider: { to, ports: [8443] } },
      },
      notification: {
        ...values.notification,
        networkPolicy: { smtp: { ...example.notification.networkPolicy.smtp, to } },
        // A private authority for mail is Node's to know.
        extraEnv: [{ name: 'NODE_EXTRA_CA_CERTS', value: '/etc/mail-ca/ca.crt' }],
        extraVolumes: [
          { name: 'mail-ca', secret: { secretName: 'smtp', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        ],
        extraVolumeMounts: [{ name: 'mail-ca', mountPath: '/etc/mail-ca', readOnly: true }],
      },
    };
  }
});
