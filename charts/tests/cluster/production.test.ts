import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createShopClient, plentifulProducts, register } from '@bulkhead/app/acceptance/src/client';
import { randomUUID } from 'node:crypto';
import { parse } from 'yaml';
import { documentedProduction } from '../documented';
import { services } from '../scenarios';
import { charts, readEnvironment } from './environment';
import { createKube, within } from './kube';
import { secretValue } from './nothing-lost';
import { createProductionSecrets } from './production-secrets';
import { install, type ReleaseOptions, rollback, testRelease, uninstall, upgrade } from './release';
import { startTraffic } from './traffic';
import { type Mail, startVendors, type Vendors } from './vendors/vendors';

const environment = readEnvironment();
const shop = createShopClient(environment.shopUrl);
const admin = 'admin@shop.example';
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
      webhooks: `http://shop-gateway.${kube.namespace}.svc:8080/api/v1/payments/webhooks/stripe`,
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
      expect(await shop.call('/api/v1/products', { method: 'POST', token, json })).toMatchObject({
        status: 201,
      });
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
    const buyer = await register(shop);
    const [product] = await plentifulProducts(shop, 1);
    const bought = await shop.call('/api/v1/orders', {
      ...{ method: 'POST', token: buyer.token, headers: { 'idempotency-key': randomUUID() } },
      json: { items: [{ productId: product!.productId, quantity: 2 }], paymentMethod: 'pm_card_visa' },
    });
    expect([201, 202]).toContain(bought.status);
    await within(30, async () =>
      expect(await orderOf(buyer.token, bought.body.id)).toMatchObject({ status: 'confirmed' }),
    );
    await within(30, async () =>
      expect((await mails()).filter(({ to }) => to.includes(buyer.email)).map(({ from }) => from)).toContain(
        'orders@shop.example',
      ),
    );
    const [intent] = (await stripe()).intents.filter(
      ({ metadata }) => metadata['order_id'] === bought.body.id,
    );
    expect(intent).toMatchObject({
      status: 'succeeded',
      amount: 6_580,
      amount_received: 6_580,
      currency: 'eur',
    });
  });

  it('refunds through Stripe, and tells the buyer', async () => {
    const buyer = await register(shop);
    const [product] = await plentifulProducts(shop, 1);
    const { body: order } = await shop.call('/api/v1/orders', {
      ...{ method: 'POST', token: buyer.token, headers: { 'idempotency-key': randomUUID() } },
      json: { items: [{ productId: product!.productId, quantity: 1 }], paymentMethod: 'pm_card_visa' },
    });
    await within(30, async () =>
      expect(await orderOf(buyer.token, order.id)).toMatchObject({ status: 'confirmed' }),
    );
    const token = await signInAdmin();
    const { body: payments } = await shop.call(`/api/v1/payments?orderId=${order.id}`, { token });
    const refunded = await shop.call(`/api/v1/payments/${payments.items[0].id}/refunds`, {
      ...{ method: 'POST', token, headers: { 'idempotency-key': randomUUID() } },
      json: { amount: { amount: 1_000, currency: 'EUR' } },
    });
    expect(refunded).toMatchObject({ status: 201 });
    expect((await stripe()).refunds.map(({ amount }) => amount)).toContain(1_000);
    await within(30, async () =>
      expect(
        (await mails()).filter(({ to }) => to.includes(buyer.email)).map(({ subject }) => subject),
      ).toContainEqual(expect.stringMatching(/refund/i)),
    );
  });

  it('passes `helm test`', async () => {
    expect(await testRelease('shop', kube.namespace)).toMatch(/Phase:\s+Succeeded/);
  });

  it('is upgraded under load, and rolled back, without losing a request or an order', async () => {
    const traffic = await startTraffic(shop, { browseRate: 4, orderRate: 1 });
    const { values } = options as { values: { order: object } };
    // Everything that comes before pods runs for all services. New pods of all at once, two of each, are too many for a node
    // of two cores; the upgrade of all is tried on the shop of the defaults.
    const order = { ...values.order, podAnnotations: { 'example.com/release': 'the next one' } };
    await upgrade({ ...options, values: { ...values, order } });
    await rollback('shop', kube.namespace, 420);
    const { failures, orders } = await traffic.stop();
    expect(failures).toEqual([]);
    expect(orders.length).toBeGreaterThan(20);
    await within(60, async () => {
      const open = [];
      for (const { orderId } of orders)
        if ((await orderOf(traffic.person.token, orderId)).status !== 'confirmed') open.push(orderId);
      expect(open).toEqual([]);
    });
  });

  it('goes when it is uninstalled', () => uninstall('shop', kube.namespace));

  async function signInAdmin(): Promise<string> {
    const password = await secretValue(kube, 'shop-auth-credentials', 'admin-password');
    const { body } = await shop.call('/api/v1/auth/login', {
      method: 'POST',
      json: { email: admin, password },
    });
    return (body.tokens ?? body).accessToken as string;
  }
  const orderOf = async (token: string, id: string) =>
    (await shop.call(`/api/v1/orders/${id}`, { token })).body;
  const control = async <T>(path: string): Promise<T> => {
    const { port, stop } = await outside.forward('svc/vendors', 8025);
    try {
      return (await (await fetch(`http://127.0.0.1:${port}${path}`)).json()) as T;
    } finally {
      stop();
    }
  };
  const mails = () => control<Mail[]>('/mails');
  const stripe = () => control<{ intents: any[]; refunds: any[] }>('/');

  /** As docs/kubernetes.md says to find them. */
  async function apiServers(): Promise<object[]> {
    const defaults = createKube('default');
    const slices = await defaults.list<any>('endpointslices', 'kubernetes.io/service-name=kubernetes');
    return slices
      .flatMap(({ endpoints }) => endpoints)
      .map(({ addresses: [address] }) => ({ ipBlock: { cidr: `${address}/32` } }));
  }

  /** What differs from the example: names and addresses, and how much CPU pods ask for; nothing of what they do. */
  function forThisCluster(example: any, apiServer: object[], { global, gateway }: any): object {
    const to = [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': outside.namespace } } }];
    const small = { resources: { requests: { cpu: '10m', memory: '64Mi' } } };
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
