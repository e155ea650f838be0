import { join } from 'node:path';
import { ConfigError } from '@bulkhead/service/config';
import { startSiteServer } from './start';

startSiteServer(process.env, join(__dirname, 'site')).then(
  ({ stop }) => {
    let stopping: Promise<void> | undefined;
    const end = () => void (stopping ??= stop().then(() => process.exit(0)));
    process.on('SIGTERM', end);
    process.on('SIGINT', end);
  },
  (error: unknown) => {
    process.stderr.write(
      `storefront cannot start:\n${error instanceof Error ? error.message : String(error)}\n`,
    );
    process.exit(error instanceof ConfigError ? 78 : 1);
  },
);
