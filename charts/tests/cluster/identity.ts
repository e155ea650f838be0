import { randomUUID } from 'node:crypto';
import { createLocalJWKSet, decodeJwt, type JSONWebKeySet, jwtVerify } from 'jose';
import type { Kube } from './kube';

/** Who may call whom is proven by service-account tokens of the cluster. */
export function describeIdentity(kube: () => Kube, prefix: string): void {
  describe('a call between services', () => {
    const orderId = randomUUID();

    /** From inside an order pod, so that the network does not decide. @returns the status that payment gives */
    const call = async (token: string | undefined): Promise<number> => {
      const [pod] = await kube().pods('order');
      const headers = token === undefined ? {} : { 'x-service-token': token };
      const address = `http://${prefix}payment:8080/internal/payments/${orderId}`;
      return kube().inPod<number>(
        pod!.metadata.name,
        `fetch(${JSON.stringify(address)}, { headers: ${JSON.stringify(headers)} }).then(({ status }) => status)`,
      );
    };
    const mounted = async (peer: string): Promise<string> => {
      const [pod] = await kube().pods('order');
      const token = await kube().kubectl([
        'exec',
        pod!.metadata.name,
        '--',
        'cat',
        `/var/run/bulkhead/identity/${peer}`,
      ]);
      return token.trim();
    };
    const issued = async (account: string, audience: string): Promise<string> =>
      (await kube().kubectl(['create', 'token', `${prefix}${account}`, `--audience=${audience}`])).trim();

    it('carries a token that the cluster issued to the caller for the callee, and the issuer’s keys verify it', async () => {
      const jwks = JSON.parse(await kube().kubectl(['get', '--raw', '/openid/v1/jwks'])) as JSONWebKeySet;
      const keys = createLocalJWKSet(jwks);
      const { payload } = await jwtVerify(await mounted('payment'), keys, { audience: 'payment' });
      expect(payload.sub).toBe(`system:serviceaccount:${kube().namespace}:${prefix}order`);
      expect(payload.exp! - payload.iat!).toBeLessThanOrEqual(3_607);
    });

    it('is answered when the token is the caller’s, for the callee', async () => {
      expect(await call(await mounted('payment'))).toBe(404);
    });

    it('is refused without a token', async () => {
      expect(await call(undefined)).toBe(401);
    });

    it('is refused when the token is for another audience', async () => {
      expect(await call(await mounted('inventory'))).toBe(403);
    });

    it('is refused when the service account is not of a service that may call', async () => {
      expect(await call(await issued('search', 'payment'))).toBe(403);
    });

    it('is refused when the service account is of no service', async () => {
      const token = await kube().kubectl(['create', 'token', 'default', '--audience=payment']);
      expect(await call(token.trim())).toBe(403);
    });

    it('is refused when somebody changed the token', async () => {
      const [head, payload, signature] = (await mounted('payment')).split('.');
      const changed = Buffer.from(
        JSON.stringify({
          ...decodeJwt(`${head}.${payload}.${signature}`),
          sub: 'system:serviceaccount:x:order',
        }),
      ).toString('base64url');
      expect(await call(`${head}.${changed}.${signature}`)).toBe(403);
    });
  });
}
