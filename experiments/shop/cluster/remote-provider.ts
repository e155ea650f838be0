import type { Provider } from '../shop';

/** The simulated payment provider behind a URL. */
export const openRemoteProvider = (url: string): Provider => ({
  url,
  async control(behaviour) {
    const answer = await fetch(`${url}/control`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(behaviour),
      signal: AbortSignal.timeout(5_000),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`the payment provider answered ${answer.status}: ${text}`);
  },
});
