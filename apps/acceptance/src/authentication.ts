import { eventually } from '@bulkhead/testing/eventually';
import { type Person, register, type ShopClient } from './client';

/** Sessions: how they begin, go on and end. */
export function describeAuthentication(shop: () => ShopClient): void {
  describe('signing in', () => {
    const refresh = (refreshToken: string) =>
      shop().call('/api/v1/auth/refresh', { method: 'POST', json: { refreshToken } });
    const me = (token: string) => shop().call('/api/v1/me', { token });

    it('works with the password that was registered, and with no other', async () => {
      const ada = await register(shop());
      const login = (password: string) =>
        shop().call('/api/v1/auth/login', { method: 'POST', json: { email: ada.email, password } });
      expect((await login(ada.password)).status).toBe(200);
      const wrong = await login('not the password');
      expect(wrong.status).toBe(401);
      expect(wrong.body.type).toContain('invalid-credentials');
    });

    it('shows a person who they are', async () => {
      const ada = await register(shop(), 'Ada Lovelace');
      await eventually(async () => {
        const { status, body } = await me(ada.token);
        expect(status).toBe(200);
        expect(body.name).toBe('Ada Lovelace');
      });
    });

    it('gives two tabs that refresh at once the same successor', async () => {
      const ada = await register(shop());
      const answers = await Promise.all(Array.from({ length: 5 }, () => refresh(ada.refreshToken)));
      expect(answers.map(({ status }) => status)).toEqual(Array(5).fill(200));
      const successors = answers.map(({ body }) => (body.tokens ?? body).refreshToken);
      expect(new Set(successors).size).toBe(1);
      expect((await refresh(successors[0])).status).toBe(200);
    });

    it('ends with logging out', async () => {
      const ada = await register(shop());
      const out = await shop().call('/api/v1/auth/logout', {
        method: 'POST',
        json: { refreshToken: ada.refreshToken },
      });
      expect(out.status).toBe(204);
      expect((await refresh(ada.refreshToken)).status).toBe(401);
    });

    it('leaves, once it has ended, no access token that can do what cannot be undone', async () => {
      const ada = await register(shop());
      const out = await shop().call('/api/v1/auth/sessions', { method: 'DELETE', token: ada.token });
      expect(out.status).toBe(204);
      const change = { currentPassword: ada.password, newPassword: 'another good password' };
      for (const [method, path, json] of [
        ['DELETE', '/api/v1/me', undefined],
        ['GET', '/api/v1/me/export', undefined],
        ['POST', '/api/v1/auth/password/change', change],
      ] as const) {
        const { status, body } = await shop().call(path, { method, token: ada.token, json });
        expect({ path, status, detail: body.detail }).toEqual({
          path,
          status: 401,
          detail: 'The session has ended. Sign in again.',
        });
      }
      const again = await shop().call('/api/v1/auth/login', {
        method: 'POST',
        json: { email: ada.email, password: ada.password },
      });
      expect(again.status).toBe(200);
    });

    it('is needed wherever the API says so', async () => {
      for (const { method, path } of await securedRoutes(shop())) {
        const response = await shop().call(
          path.replaceAll(/\{\w+\}/g, '0190b1f4-7e9c-7cc3-8d5a-1f2e3d4c5b6a'),
          { method },
        );
        expect({ method, path, status: response.status }).toEqual({ method, path, status: 401 });
      }
    });

    it('does not make an admin', async () => {
      const ada = await register(shop());
      for (const { method, path } of (await securedRoutes(shop())).filter(({ role }) => role)) {
        const response = await shop().call(
          path.replaceAll(/\{\w+\}/g, '0190b1f4-7e9c-7cc3-8d5a-1f2e3d4c5b6a'),
          {
            method,
            token: ada.token,
          },
        );
        expect({ method, path, status: response.status }).toEqual({ method, path, status: 403 });
      }
    });

    it.each([
      ['nonsense', 'nonsense'],
      ['a token without a signature', `${encode({ alg: 'none', typ: 'at+jwt' })}.${encode({ sub: 'x' })}.`],
    ])('is not done by %s', async (_what, token) => {
      expect((await me(token)).status).toBe(401);
    });

    it('is not done by a token whose claims were changed', async () => {
      const ada: Person = await register(shop());
      const [head = '', payload = '', signature = ''] = ada.token.split('.');
      const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
      const forged = `${head}.${encode({ ...claims, roles: ['admin'] })}.${signature}`;
      expect((await me(forged)).status).toBe(401);
    });
  });
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

export interface SecuredRoute {
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly string[];
  /** Does it need a role? */
  readonly role: boolean;
  /** Does it answer with a stream of events? */
  readonly stream: boolean;
}

/** The routes that need a user, as the shop's own API document tells. */
export async function securedRoutes(shop: ShopClient): Promise<SecuredRoute[]> {
  const { body } = await shop.call('/api/v1/openapi.json');
  return Object.entries(body.paths as Record<string, Record<string, any>>).flatMap(([path, operations]) =>
    Object.entries(operations)
      .filter(([, { security }]) => security.length > 0)
      .map(([method, { security, parameters = [], responses }]) => ({
        method: method.toUpperCase(),
        path,
        parameters: parameters
          .filter((each: any) => each.in === 'path')
          .map((each: any) => each.name as string),
        role: security.some((scheme: any) => scheme.bearer?.length > 0),
        stream: Object.values<any>(responses).some(({ content = {} }) => 'text/event-stream' in content),
      })),
  );
}
