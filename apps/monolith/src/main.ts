import { DataDirectoryInUse } from '@bulkhead/development/directory-claim';
import { DataDirectoryOfAnotherVersion } from '@bulkhead/development/embedded';
import { EmbeddedPostgresError } from '@bulkhead/development/embedded-error';
import { ConfigError } from '@bulkhead/service/config';
import { explainStart } from '@bulkhead/service/runtime/explain-start';
import { runMigrations } from './run-migrations';
import { runMonolith } from './run-monolith';
import { runOneProcess } from './run-one-process';
import { runProcesses } from './run-processes';

interface Words {
  readonly name: string | undefined;
  readonly fresh: boolean;
  /** A restart after an edit, so the welcome message was already shown. */
  readonly again: boolean;
  /** All arguments after the command. */
  readonly rest: readonly string[];
}

const commands: Readonly<Record<string, (words: Words) => Promise<void>>> = {
  monolith: runMonolith,
  migrate: ({ rest }) => runMigrations(rest),
  services: ({ name, fresh }) => (name === undefined ? runProcesses({ fresh }) : runOneProcess(name)),
};

function explain(error: unknown): string {
  if (error instanceof DataDirectoryInUse || error instanceof EmbeddedPostgresError)
    return `${error.message}.`;
  if (error instanceof DataDirectoryOfAnotherVersion)
    return `${error.message}. Go back to the version that made it, or begin anew with --fresh, which removes what is kept.`;
  return explainStart(error);
}

async function main(): Promise<void> {
  const words = process.argv.slice(2).filter((word) => !word.startsWith('-'));
  const [command = 'monolith', ...rest] = words;
  const run = commands[command];
  if (!run)
    throw new ConfigError(`There is no command ${command}; there are: ${Object.keys(commands).join(', ')}.`);
  await run({
    name: rest[0],
    rest,
    fresh: process.argv.includes('--fresh'),
    again: process.argv.includes('--again'),
  });
}

main().catch((error: unknown) => {
  process.stderr.write(`The shop cannot start: ${explain(error)}\n`);
  process.exit(error instanceof ConfigError ? 78 : 1);
});
