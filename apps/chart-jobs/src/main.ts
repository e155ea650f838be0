import { ConfigError } from '@bulkhead/service/config';
import { prepareBackup } from './backup/command';
import { makeCredentials } from './credentials/command';
import { runMailCatcher } from './mail-catcher/command';
import { provision } from './provision/command';
import { Disagreement, reconcile } from './reconcile/command';
import { buySomething } from './shopper/command';

/** What the charts run beside the services, in one image. Each ends with 0, or with a sentence on stderr. */
const commands: Readonly<
  Record<string, (environment: NodeJS.ProcessEnv, words: readonly string[]) => Promise<void>>
> = {
  credentials: makeCredentials,
  provision,
  'prepare-backup': prepareBackup,
  reconcile,
  'mail-catcher': runMailCatcher,
  shopper: buySomething,
};

async function main(): Promise<void> {
  const [name = '', ...words] = process.argv.slice(2);
  const command = commands[name];
  if (!command) throw new ConfigError(`usage: main.js ${Object.keys(commands).join(' | ')}`);
  await command(process.env, words);
}

main().catch((error: unknown) => {
  process.stderr.write(
    `${error instanceof ConfigError || error instanceof Disagreement ? error.message : String((error as Error).stack ?? error)}\n`,
  );
  process.exit(error instanceof ConfigError ? 78 : 1);
});
