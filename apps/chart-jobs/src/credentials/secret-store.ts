import { readFile } from 'node:fs/promises';
import { Agent, request } from 'undici';

/** Secrets of one namespace, through the API server. */
export interface SecretStore {
  /** @returns undefined where there is none of that name */
  read(name: string): Promise<Readonly<Record<string, string>> | undefined>;
  /** @returns false where there is one of that name already */
  create(
    name: string,
    labels: Readonly<Record<string, string>>,
    data: Readonly<Record<string, string>>,
  ): Promise<boolean>;
  /** Adds keys; leaves all others as they are. */
  add(name: string, data: Readonly<Record<string, string>>): Promise<void>;
  close(): Promise<void>;
}

const requestTimeoutMs = 10_000;

/**
 * @param server as `https://kubernetes.default.svc`
 * @param folder where the service account's `token`, `ca.crt` and `namespace` are mounted
 */
export async function createSecretStore(server: string, folder: string): Promise<SecretStore> {
  const read = (file: string) => readFile(`${folder}/${file}`, 'utf8').then((text) => text.trim());
  const [token, ca, namespace] = await Promise.all([read('token'), read('ca.crt'), read('namespace')]);
  const dispatcher = new Agent({ connect: { ca } });
  const secrets = `${server}/api/v1/namespaces/${namespace}/secrets`;

  const call = async (
    method: 'GET' | 'POST' | 'PATCH',
    url: string,
    body?: object,
    accept: number[] = [],
  ) => {
    const response = await request(url, {
      method,
      dispatcher,
      headersTimeout: requestTimeoutMs,
      bodyTimeout: requestTimeoutMs,
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': method === 'PATCH' ? 'application/strategic-merge-patch+json' : 'application/json',
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await response.body.text();
    if (response.statusCode >= 300 && !accept.includes(response.statusCode))
      throw new Error(
        `the API server answered ${response.statusCode} to ${method} of a Secret: ${reasonOf(text)}`,
      );
    return { status: response.statusCode, text };
  };
  return {
    async read(name) {
      const { status, text } = await call('GET', `${secrets}/${name}`, undefined, [404]);
      if (status === 404) return undefined;
      const { data = {} } = JSON.parse(text) as { data?: Record<string, string> };
      return Object.fromEntries(
        Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]),
      );
    },
    async create(name, labels, data) {
      const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name, labels }, stringData: data };
      return (await call('POST', secrets, secret, [409])).status !== 409;
    },
    add: async (name, data) => void (await call('PATCH', `${secrets}/${name}`, { stringData: data })),
    close: () => dispatcher.close(),
  };
}

const reasonOf = (text: string) => {
  try {
    return (JSON.parse(text) as { message?: string }).message ?? '';
  } catch {
    return '';
  }
};
