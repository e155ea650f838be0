import { parseArgs } from 'node:util';
import { promisedBy } from '@bulkhead/contracts/apis';
import type { GivenLogins } from '@bulkhead/resilience/logins';
import { systemClock } from '@bulkhead/resilience/clock';
import { type Environment, url } from '../config';
import { createFileServiceTokens } from '../identity/service-identity';
import { databaseLogins } from '../runtime/database-logins';
import { migrationsFolder } from '../runtime/migration-command';
import { loadServers, withDatabaseUrl } from '../server-url';
import { issuerKeys, placeOfIssuerKeys, readSettings } from '../runtime/settings';
import { timerProfiles } from '../runtime/timers';
import { secret } from '../secret';
import type { ServiceDefinition } from '../service';
import { brokerProbe } from './broker-probe';
import { databaseProbe, ownerProbe } from './database-probe';
import { identityProbe, issuerKeysProbe } from './identity-probe';
import { peerProbe } from './peer-probe';
import { type Probe, withAnyOf } from './probe';
import { asJson, asTable, isPassed } from './report';
import { runProbes } from './run-probes';
import { z } from 'zod';

const usage = `usage: preflight [--json] [--before-migrations] [--pods N]
  --json                one JSON object in place of the table
  --before-migrations   before a release: migrations may be pending, peers need not run yet
  --pods N              as many pods as there may be at once share the database's connections`;

/** The migration role, if the Job has its URL. */
const OwnerConfig = z.object({
  MIGRATION_DATABASE_URL: secret(url('postgres', 'postgresql')).optional(),
});

/**
 * `preflight`: checks everything that the service needs, with the configuration that it would start with, and prints a
 * table. Each failure is one sentence that says what to set. Nothing is changed, and no check takes more than 5 s.
 * @returns the exit code: 0 nothing failed, 1 something did, 2 for invalid arguments
 * @throws ConfigError if the service could not even start
 */
export async function runPreflight(
  definition: ServiceDefinition,
  args: readonly string[],
  environment: Environment,
  print: (text: string) => void = (text) => void process.stdout.write(`${text}\n`),
): Promise<number> {
  const options = parse(args);
  if (options === undefined) {
    process.stderr.write(`${usage}\n`);
    return 2;
  }
  const findings = await runProbes(await probesOf(definition, environment, options));
  print(options.json ? asJson(definition.name, findings) : asTable(findings));
  return isPassed(findings) ? 0 : 1;
}

interface PreflightOptions {
  readonly json: boolean;
  readonly beforeMigrations: boolean;
  readonly pods: number | undefined;
}

function parse(args: readonly string[]): PreflightOptions | undefined {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        json: { type: 'boolean', default: false },
        'before-migrations': { type: 'boolean', default: false },
        pods: { type: 'string' },
      },
    });
    if (values.pods !== undefined && !/^[1-9]\d{0,3}$/.test(values.pods)) return undefined;
    return {
      json: values.json,
      beforeMigrations: values['before-migrations'],
      pods: values.pods === undefined ? undefined : Number(values.pods),
    };
  } catch {
    return undefined;
  }
}

/** What every service of its kind needs, and what this one adds. */
async function probesOf(
  definition: ServiceDefinition,
  environment: Environment,
  { beforeMigrations, pods }: PreflightOptions,
): Promise<Probe[]> {
  const { name } = definition;
  const settings = await readSettings(definition, environment);
  const { base, own, database, peers, urls } = settings;
  const mode = base.NODE_ENV;
  definition.checkConfig?.(own, mode);
  const { MIGRATION_DATABASE_URL: owner } = loadServers(OwnerConfig, environment, (given) =>
    withDatabaseUrl('MIGRATION_DATABASE', given),
  );
  const tokens = createFileServiceTokens(base.SERVICE_IDENTITY_DIR, systemClock);
  const isCalled = promisedBy(name).length > 0;
  return [
    identityProbe({
      service: name,
      peers,
      folder: base.SERVICE_IDENTITY_DIR,
      tokens,
      issuer: base.SERVICE_IDENTITY_ISSUER,
      subjectPrefix: base.SERVICE_IDENTITY_SUBJECT_PREFIX,
      beforeMigrations,
    }),
    ...(isCalled
      ? [
          issuerKeysProbe({
            service: name,
            tokens,
            keys: issuerKeys(base, systemClock),
            place: placeOfIssuerKeys(base),
          }),
        ]
      : []),
    ...(database
      ? [
          withAnyOf(allOf(databaseLogins(database)), (url) =>
            databaseProbe({
              url,
              mode,
              poolSize: database.DATABASE_POOL_SIZE,
              pods,
              migrationsDir: migrationsFolder(environment),
              extensions: definition.extensions ?? [],
              beforeMigrations,
            }),
          ),
          withAnyOf(database.RABBITMQ_URL.values, (url) =>
            brokerProbe({
              service: name,
              url,
              ca: database.RABBITMQ_CA?.value,
              prefix: database.RABBITMQ_PREFIX,
              topology: database.RABBITMQ_TOPOLOGY,
              retryDelaysMs: timerProfiles[base.TIMERS].retryDelaysMs,
              beforeMigrations,
            }),
          ),
        ]
      : []),
    ...(owner === undefined ? [] : [withAnyOf(owner.values, ownerProbe)]),
    // Before the first release there are none, and before any other they are those of the previous release.
    ...(beforeMigrations
      ? []
      : peers.map((peer) => peerProbe({ peer, url: urls[`${peer.toUpperCase()}_URL`]!, tokens }))),
    ...(definition.preflight?.(own, mode) ?? []),
  ];
}

const allOf = (logins: GivenLogins): readonly string[] => (typeof logins === 'string' ? [logins] : logins());
