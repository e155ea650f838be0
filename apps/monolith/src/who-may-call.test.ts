import { join } from 'node:path';
import { internalApis, publicApis } from '@bulkhead/contracts/apis';
import type { Endpoint, Endpoints } from '@bulkhead/contracts/endpoint';
import { erasingServices, type ServiceName, serviceNames } from '@bulkhead/contracts/services';
import { randomIds } from '@bulkhead/service/ids';
import {
  createTestNetwork,
  startTestService,
  type TestService,
} from '@bulkhead/service/testing/test-service';
import { definitions } from './definitions';

/** Said here once more, so that a line in a contract alone opens no door. */
const callers: Readonly<Record<string, Readonly<Record<string, readonly ServiceName[]>>>> = {
  auth: {
    contact: ['profile'],
    liveSessions: ['gateway'],
    resign: ['profile'],
    mintToken: ['notification'],
  },
  profile: {
    contact: ['notification'],
    erasure: erasingServices,
  },
  product: { quote: ['order'], replay: ['search'] },
  inventory: {
    reserve: ['order'],
    get: ['order'],
    commit: ['order'],
    release: ['order'],
    availability: ['product', 'search'],
  },
  payment: {
    authorise: ['order'],
    capture: ['order'],
    void: ['order'],
    refund: ['order'],
    get: ['order'],
  },
};

const config: Partial<Record<ServiceName, Record<string, string>>> = {
  payment: {
    PAYMENT_PROVIDER_URL: 'http://127.0.0.1:1',
    PAYMENT_WEBHOOK_SECRET: 'a webhook secret of these tests',
  },
  notification: {
    SMTP_URL: 'smtp://127.0.0.1:1',
    MAIL_FROM: 'shop@shop.example',
    PUBLIC_URL: 'http://127.0.0.1:1',
  },
};

describe.each(Object.keys(publicApis) as (keyof typeof publicApis)[])('what %s answers', (name) => {
  let service: TestService;
  let user: string;
  beforeAll(async () => {
    const network = await createTestNetwork();
    // Peers that a handler may want need not answer here.
    for (const peer of serviceNames) network.origins.set(peer, 'http://127.0.0.1:1');
    service = await startTestService(
      definitions.find((definition) => definition.name === name)!,
      {
        network,
        migrationsDir: join(__dirname, '../..', name, 'prisma/migrations'),
        config: config[name] ?? {},
      },
    );
    user = await network.users.authorization(randomIds.next(), ['customer', 'admin']);
  }, 60_000);
  afterAll(() => service?.stop());

  const call = async ({ method, path }: Endpoint, headers: Record<string, string>) => {
    const target = path.replaceAll(/\{\w+\}/g, '0190b1f4-7e9c-7cc3-8d5a-1f2e3d4c5b6a');
    const response = await fetch(service.origin + target, { method: method.toUpperCase(), headers });
    await response.body?.cancel();
    return response.status;
  };
  /** The services that are let in; `more` is what each of them sends besides its own token. */
  const letIn = async (endpoint: Endpoint, more: Record<string, string>) => {
    const allowed: ServiceName[] = [];
    for (const caller of serviceNames) {
      const status = await call(endpoint, { ...more, ...(await service.asService(caller)) });
      if (status !== 403) allowed.push(caller);
    }
    return allowed;
  };

  it('to services is for those that need it, and for no user', async () => {
    const endpoints = Object.entries<Endpoint>((internalApis as Record<string, Endpoints>)[name] ?? {});
    const open: Record<string, readonly ServiceName[]> = {};
    for (const [operation, endpoint] of endpoints) {
      open[operation] = await letIn(endpoint, { authorization: user });
      expect({ operation, status: await call(endpoint, { authorization: user }) }).toEqual({
        operation,
        status: 401,
      });
    }
    const exporting = (erasingServices as readonly string[]).includes(name)
      ? { exportUser: ['profile'] }
      : {};
    expect(open).toEqual({ ...exporting, ...callers[name] });
  });

  it('to users comes through the gateway alone', async () => {
    for (const endpoint of Object.values<Endpoint>(publicApis[name])) {
      const { operationId, access, stream } = endpoint;
      if (access.kind === 'public' || stream) continue;
      expect({ operationId, callers: await letIn(endpoint, { authorization: user }) }).toEqual({
        operationId,
        callers: ['gateway'],
      });
      expect({ operationId, status: await call(endpoint, { authorization: user }) }).toEqual({
        operationId,
        status: 401,
      });
      expect({ operationId, status: await call(endpoint, await service.anonymous()) }).toEqual({
        operationId,
        status: 401,
      });
    }
  });
});
