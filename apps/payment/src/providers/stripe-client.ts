import { AsyncLocalStorage } from 'node:async_hooks';
import Stripe from 'stripe';
import { createProviderHttp } from './http';
import { ProviderUnavailable } from './provider';

/**
 * Sent with every request, so that no account setting changes the format of objects. The package's types describe only
 * this version: after an upgrade to a new major release, this line does not compile until it is changed.
 */
export const stripeApiVersion = '2026-10-28.endive' satisfies Stripe.LatestApiVersion;

export interface StripeClient {
  /** Runs calls to the API, which are aborted with `signal`. @throws ProviderUnavailable, Stripe.errors.StripeError */
  call<Result>(signal: AbortSignal, work: (api: Stripe) => Promise<Result>): Promise<Result>;
  readonly webhooks: Stripe['webhooks'];
  close(): Promise<void>;
}

/**
 * The official package over our own HTTP pool. The package cannot pass an AbortSignal to a call, and retries a call
 * whose connection was closed, regardless of `maxNetworkRetries`; here the signal comes from the asynchronous context,
 * and a failed connection is an error that the package does not retry.
 */
export function createStripeClient(options: {
  readonly url: string;
  /** The current API key. */
  readonly secretKey: () => string;
}): StripeClient {
  const http = createProviderHttp(options.url);
  const signals = new AsyncLocalStorage<AbortSignal>();

  const httpClient: NonNullable<Stripe.StripeConfig['httpClient']> = {
    getClientName: () => 'undici',
    async makeRequest(_host, _port, path, method, headers, body) {
      const signal = signals.getStore();
      if (!signal) throw new Error('a call to Stripe outside of StripeClient.call');
      const response = await http.exchange({
        method: method as 'GET' | 'POST' | 'DELETE',
        path,
        headers: toHeaders(headers),
        ...(body ? { body } : {}),
        signal,
      });
      return {
        getStatusCode: () => response.status,
        getHeaders: () => response.headers,
        getRawResponse: () => ({ headers: response.headers }),
        toStream: () => {
          throw new Error('nothing is streamed from Stripe');
        },

        toJSON: async () => JSON.parse(response.text) as object,
      };
    },
  };
  const api = new Stripe('', {
    apiVersion: stripeApiVersion,
    httpClient,

    authenticator: async (request) => {
      request.headers['Authorization'] = `Bearer ${options.secretKey()}`;
    },
    maxNetworkRetries: 0,
    telemetry: false,
    typescript: true,
    appInfo: { name: 'Bulkhead' },
  });
  return {
    call: (signal, work) =>
      signals.run(signal, async () => {
        try {
          return await work(api);
        } catch (error) {
          throw connectionFailure(error) ?? error;
        }
      }),
    webhooks: api.webhooks,
    close: () => http.close(),
  };
}

const connectionFailure = (error: unknown): ProviderUnavailable | undefined => {
  if (!(error instanceof Stripe.errors.StripeConnectionError)) return undefined;
  const cause = (error as { detail?: unknown }).detail;
  return cause instanceof ProviderUnavailable ? cause : new ProviderUnavailable('unknown', { cause: error });
};

function toHeaders(headers: object): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
  );
}
