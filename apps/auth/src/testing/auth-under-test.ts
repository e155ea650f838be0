import { join } from 'node:path';
import { createKnownErasures, type KnownErasures } from '@bulkhead/service/testing/known-erasures';
import {
  createTestNetwork,
  startTestService,
  type TestService,
  type TestServiceOptions,
} from '@bulkhead/service/testing/test-service';
import { authService } from '../app';

/** A response as seen by a client. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  /** The JSON body, or undefined. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any;
}

export interface AuthUnderTest {
  readonly service: TestService;
  /** The erasures that profile knows of. */
  readonly erasures: KnownErasures;
  send(method: string, path: string, options?: SendOptions): Promise<Reply>;
  /** Registers an account. */
  register(email: string, password?: string): Promise<Reply>;
  login(email: string, password?: string, options?: SendOptions): Promise<Reply>;
  refresh(refreshToken: string): Promise<Reply>;
  /** Access token of the seeded admin. */
  adminToken(): Promise<string>;
  /** Types of the events that were written for a person. */
  eventsOf(userId: string): Promise<string[]>;
}

export interface SendOptions {
  readonly body?: unknown;
  readonly token?: string;
  /** Address of the client, as forwarded by the gateway. */
  readonly from?: string;
  /** The calling service; the gateway by default. */
  readonly service?: 'gateway' | 'profile' | 'notification' | 'order';
}

export const goodPassword = 'a rather good password';
export const admin = { email: 'admin@example.com', password: 'the admin of all tests' };

export async function startAuth(
  options: Omit<TestServiceOptions, 'migrationsDir'> = {},
): Promise<AuthUnderTest> {
  const network = options.network ?? (await createTestNetwork(options.clock));
  const erasures = createKnownErasures();
  const profile = await startTestService(erasures.profile, { network });
  const service = await startTestService(authService, {
    ...options,
    network,
    migrationsDir: join(__dirname, '../../prisma/migrations'),
    config: { AUTH_ADMIN_EMAIL: admin.email, AUTH_ADMIN_PASSWORD: admin.password, ...options.config },
  });

  const send: AuthUnderTest['send'] = async (method, path, { body, token, from, service: caller } = {}) => {
    const response = await fetch(service.origin + path, {
      method,
      headers: {
        ...(await (caller ? service.asService(caller) : service.anonymous())),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(from === undefined ? {} : { 'x-client-address': from }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === '' ? undefined : (JSON.parse(text) as unknown),
    };
  };
  const post = (path: string, body: unknown, options: SendOptions = {}) =>
    send('POST', `/api/v1/auth/${path}`, { ...options, body });
  const login: AuthUnderTest['login'] = (email, password = goodPassword, options) =>
    post('login', { email, password }, options);

  return {
    service: {
      ...service,
      async stop() {
        await service.stop();
        await profile.stop();
      },
    },
    erasures,
    send,
    login,
    register: (email, password = goodPassword) => post('register', { email, password, name: 'Ada Lovelace' }),
    refresh: (refreshToken) => post('refresh', { refreshToken }),
    async adminToken() {
      const signedIn = await login(admin.email, admin.password);
      return (signedIn.body as { tokens: { accessToken: string } }).tokens.accessToken;
    },
    async eventsOf(userId) {
      const { rows } = await service.database.query<{ type: string }>({
        text: 'select type from outbox where subject = $1 order by position',
        values: [userId],
      });
      return rows.map(({ type }) => type);
    },
  };
}
