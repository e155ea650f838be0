import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Scraped {
  readonly services: readonly { readonly name: string; readonly address: string }[];
  /** host:port of RabbitMQ's own metrics; undefined for an external broker. */
  readonly broker: string | undefined;
}

/**
 * Configures the targets of a Prometheus on this machine: files for its `file_sd_configs`, with the same labels as the
 * charts' ServiceMonitors in a cluster. k8s/prometheus/local.yml reads them.
 */
export async function writeScrapeTargets(dataDir: string, { services, broker }: Scraped): Promise<void> {
  const folder = join(dataDir, 'prometheus');
  await mkdir(folder, { recursive: true });
  const write = (name: string, groups: object[]) =>
    writeFile(join(folder, `${name}.json`), `${JSON.stringify(groups, null, 2)}\n`);
  await write(
    'services',
    services.map(({ name, address }) => ({
      targets: [address],
      labels: { service: name, namespace: 'local', pod: name },
    })),
  );
  await write('rabbitmq', broker ? [{ targets: [broker], labels: { namespace: 'local' } }] : []);
}
