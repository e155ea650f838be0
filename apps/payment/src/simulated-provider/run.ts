import { systemClock } from '@bulkhead/resilience/clock';
import { ConfigError, type Environment, integer, loadConfig, url } from '@bulkhead/service/config';
import { secret } from '@bulkhead/service/secret';
import { z } from 'zod';
import { startSimulatedProvider } from './server';

const SimulatedProviderConfig = z.object({
  PORT: integer(0, 65_535).default(8090),
  HOST: z.string().max(253).default('127.0.0.1').describe('address to listen on'),
  PAYMENT_WEBHOOK_URL: url('http', 'https').optional().describe('where webhooks go; without, none are sent'),
  PAYMENT_WEBHOOK_SECRET: secret(z.string().min(16)).describe('with which webhooks are signed'),
  SIMULATED_PROVIDER_PUBLIC_URL: url('http', 'https').optional().describe('where buyers reach it'),
  SIMULATED_PROVIDER_MAX_CHARGES: integer(1, 1_000_000).default(20_000).describe('charges it remembers'),
  SIMULATED_PROVIDER_BOOK: z.string().min(1).optional().describe('file that keeps the book over restarts'),
});

/** The simulated provider as a separate process: `main.js simulated-provider`. Serves until SIGTERM or SIGINT. */
export async function runSimulatedProvider(environment: Environment): Promise<void> {
  try {
    const config = loadConfig(SimulatedProviderConfig, environment);
    const provider = await startSimulatedProvider({
      port: config.PORT,
      host: config.HOST,
      clock: systemClock,
      webhookUrl: config.PAYMENT_WEBHOOK_URL,
      webhookSecret: () => config.PAYMENT_WEBHOOK_SECRET.values,
      publicUrl: config.SIMULATED_PROVIDER_PUBLIC_URL,
      bookFile: config.SIMULATED_PROVIDER_BOOK,
      maxCharges: config.SIMULATED_PROVIDER_MAX_CHARGES,
    });
    process.stdout.write(
      `${JSON.stringify({ level: 'info', service: 'simulated-provider', msg: `serving ${provider.url}` })}\n`,
    );
    const stop = () => void provider.stop().then(() => process.exit(0));
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
  } catch (error) {
    const message = error instanceof ConfigError ? error.message : (error as Error).stack;
    process.stderr.write(`simulated-provider cannot start:\n${message}\n`);
    process.exit(error instanceof ConfigError ? 78 : 1);
  }
}
