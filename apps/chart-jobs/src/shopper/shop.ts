/** The shop's API as a stranger sees it. */
export interface Shop {
  send(
    method: string,
    path: string,
    options?: { body?: object; token?: string; key?: string },
  ): Promise<Answer>;
}

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

const timeoutMs = 10_000;

/** @param baseUrl of the gateway @param host the Host header, where it differs */
export const createShop = (baseUrl: string): Shop => ({
  async send(method, path, { body, token, key } = {}) {
    const response = await fetch(new URL(`/api/v1${path}`, baseUrl), {
      method,
      headers: {
        ...(body ? { 'content-type': 'application/json' } : {}),
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...(key ? { 'idempotency-key': key } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await response.text();
    return { status: response.status, body: text ? (JSON.parse(text) as Record<string, unknown>) : {} };
  },
});
