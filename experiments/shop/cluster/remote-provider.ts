import type { Provider } from '../shop';

/** The simulated payment provider behind a URL. */
export const openRemoteProvider = (url: string): Provider => ({
  url,
  async control(behaviour) {
    const response = await fetch(`${url}/control`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(behaviour),
      signal: AbortSignal.timeout(5_000),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`the payment provider answered ${response.status}: ${text}`);
  },
});
