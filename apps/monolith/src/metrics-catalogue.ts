import type { ServiceName } from '@bulkhead/contracts/services';
import { loadConfig } from '@bulkhead/service/config';
import type { MetricSpec } from '@bulkhead/telemetry/metrics';
import { assembleShop } from './assemble-shop';
import { LocalConfig } from './config';
import { definitions } from './definitions';
import { serviceEnvironment } from './local/environment';

interface CatalogueEntry extends MetricSpec {
  readonly services: readonly ServiceName[];
}

/** The services are only assembled to read their metrics: nothing is connected or started. */
const nowhere = 'postgres://nobody:none@127.0.0.1:1/none';
const secret = 'only-to-be-asked-what-is-measured';

/** All metrics of all services, from the services' own registries. */
export async function readCatalogue(): Promise<CatalogueEntry[]> {
  const environment = serviceEnvironment({
    origin: 'http://127.0.0.1',
    smtpUrl: 'smtp://127.0.0.1:1',
    providerUrl: 'http://127.0.0.1:1',
    secrets: {
      adminPassword: secret,
      customerPassword: secret,
      keyEncryptionSecret: Buffer.alloc(32, 7).toString('base64'),
      webhookSecret: secret,
      databaseRoles: {},
    } as unknown as Parameters<typeof serviceEnvironment>[0]['secrets'],
  });
  const shop = await assembleShop({
    definitions,
    config: loadConfig(LocalConfig, { NODE_ENV: 'test', LOG_LEVEL: 'silent' }),
    databaseUrls: new Map(
      definitions.filter(({ database }) => database).map(({ name }) => [name, nowhere] as const),
    ),
    environment,
  });
  const entries = new Map<string, CatalogueEntry>();
  for (const [index, { metrics }] of shop.telemetry.entries()) {
    const service = definitions[index]!.name;
    for (const spec of metrics.specs()) {
      const known = entries.get(spec.name);
      entries.set(spec.name, { ...spec, services: [...(known?.services ?? []), service] });
    }
  }
  await shop.stop(0, Promise.resolve());
  return [...entries.values()].sort((one, other) => one.name.localeCompare(other.name, 'en'));
}

/** Metrics of the process, which exist once in a monolith. */
const ofProcess = /^(nodejs|process)_/;

/** The catalogue as Markdown: `docs/metrics.md`. */
export async function describeMetrics(): Promise<string> {
  const entries = await readCatalogue();
  const all = definitions.length;
  const lines = entries.map((entry) => {
    const { name, type, help, services } = entry;
    const who = ofProcess.test(name) || services.length === all ? 'all' : services.join(', ');
    return `| \`${name}\` | ${type} | ${describeLabels(entry)} | ${who} | ${help} |`;
  });
  return `# Metrics

Made by \`npm run docs:metrics\` from what the services register; a test fails when it differs.

Every service exposes these at \`/metrics\` of its admin port: in OpenMetrics 1.0 for a scraper whose \`Accept\` asks for it, as Prometheus does, else in the Prometheus text format, which has no exemplars; compressed where that is accepted. Every sample carries \`service\`. Units are in the names: seconds, bytes, minor units of a currency. A histogram has \`_bucket\`, \`_sum\` and \`_count\`; those of requests, calls and saga steps carry the trace id of a sampled request as exemplar (\`trace_id\`). No label grows without bound: its values are those listed or at most as many as said, and whatever else comes is counted as \`other\`. A process that was restarted shows it in \`process_start_time_seconds\`. A gauge that is asked of a database or the broker is \`NaN\`, or not there, while that does not answer.

| name | type | labels | services | meaning |
| --- | --- | --- | --- | --- |
${lines.join('\n')}
`;
}

const maxListed = 16;

function describeLabels({ labels }: MetricSpec): string {
  return Object.entries(labels)
    .map(([name, spec]) => {
      if ('max' in spec) return `\`${name}\` (at most ${spec.max})`;
      return spec.length > maxListed
        ? `\`${name}\` (one of ${spec.length})`
        : `\`${name}\`: ${spec.map((value) => `\`${value}\``).join(' ')}`;
    })
    .join('<br>');
}
