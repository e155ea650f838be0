import {
  failed,
  type Finding,
  type Look,
  ok,
  type Probe,
  targetOf,
  withAnyOf,
} from '@bulkhead/service/preflight/probe';
import type { Mode } from '@bulkhead/service/service';
import { createProvider, type PaymentConfig, stripeUrl } from '../config';
import { createProviderHttp } from './http';
import { name, unreachable } from './provider-finding';
import type * as stripeProbe from './stripe-probe';

/** The configured provider: that it is reachable, accepts our key, and may charge. @throws ConfigError */
export function providerProbes(config: PaymentConfig, mode: Mode): readonly Probe[] {
  // Rejects what payment itself would reject on start.
  void createProvider(config, mode).close();
  const { PAYMENT_PROVIDER, PAYMENT_PROVIDER_URL: given, STRIPE_SECRET_KEY: keys } = config;
  const probeWith = (url: string, run: (look: Look) => Promise<Finding>): Probe => ({
    name,
    targets: [targetOf('PAYMENT_PROVIDER_URL', url)],
    run: async (look) => [await run(look)],
  });
  if (PAYMENT_PROVIDER !== 'stripe') return [probeWith(given!, (look) => askSimulated(given!, look))];
  // Loaded here because of its package; see createProvider.
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- likewise
  const { askStripe } = require('./stripe-probe') as typeof stripeProbe;
  const url = stripeUrl(config);
  return [withAnyOf(keys!.values, (key) => probeWith(url, (look) => askStripe({ url, key, mode }, look)))];
}

async function askSimulated(url: string, { signal, clocks }: Look): Promise<Finding> {
  const http = createProviderHttp(url);
  try {
    const sentAt = Date.now();
    const { status, headers } = await http.exchange({ method: 'GET', path: '/livez', signal });
    clocks.noteDate('the payment provider', headers['date'], sentAt);
    return status === 200
      ? ok(name, `simulated, at ${url}`)
      : failed(
          name,
          `PAYMENT_PROVIDER_URL: what responds at ${url} (${status}) is not the simulated provider; set it to where that is, or PAYMENT_PROVIDER to another.`,
        );
  } catch (error) {
    return unreachable(url, error);
  } finally {
    await http.close();
  }
}
