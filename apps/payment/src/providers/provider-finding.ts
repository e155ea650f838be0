import { obstacleOf } from '@bulkhead/service/preflight/network-error';
import { failed, type Finding } from '@bulkhead/service/preflight/probe';

/** Name of the row in the table. */
export const name = 'payment provider';

export const unreachable = (url: string, error: unknown): Finding => {
  const { problem, remedy } = obstacleOf((error as Error).cause ?? error, 'NODE_EXTRA_CA_CERTS');
  return failed(
    name,
    `PAYMENT_PROVIDER_URL: the provider at ${url} cannot be reached: ${problem}; ${remedy ?? 'set it to where the provider is'}.`,
  );
};
