import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { type Choices, optionalServices, readServices, requireName, requireScope } from './choices';
import { UsageError } from './usage';

export interface Answers extends Choices {
  readonly isDryRun: boolean;
  readonly installs: boolean;
}

const options = {
  name: { type: 'string' },
  scope: { type: 'string' },
  services: { type: 'string' },
  'dry-run': { type: 'boolean' },
  'no-install': { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

const parse = (args: readonly string[]) => {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split('. ')[0]}. See --help.`);
  }
};

/** Prompts in a terminal; otherwise uses the default. */
type Ask = <T>(question: string, otherwise: string | undefined, read: (response: string) => T) => Promise<T>;

/**
 * @param args of the command line
 * @param isTerminal whether prompts are possible
 * @returns the choices, or `help`
 * @throws UsageError with a sentence, before anything is written
 */
export async function readChoices(args: readonly string[], isTerminal: boolean): Promise<Answers | 'help'> {
  const { values, positionals } = parse(args);
  if (values.help) return 'help';
  if (positionals.length > 1) throw new UsageError(`Unexpected argument: ${positionals[1]}. See --help.`);
  const terminal = createTerminal(isTerminal);
  try {
    const folder = path.resolve(
      positionals[0] ?? (await terminal.ask('Folder of the new shop', values.name, requireText)),
    );
    requireRoom(folder);
    const name =
      values.name === undefined
        ? await terminal.ask('Its name', path.basename(folder), requireName)
        : requireName(values.name);
    const scope =
      values.scope === undefined
        ? await terminal.ask('npm scope of its packages', `@${name}`, requireScope)
        : requireScope(values.scope);
    const everything = Object.keys(optionalServices).join(',');
    const leftOut =
      values.services === undefined
        ? await terminal.ask('Optional services to keep, or "core" for none', everything, readServices)
        : readServices(values.services);
    return {
      folder,
      name,
      scope,
      leftOut,
      isDryRun: values['dry-run'] ?? false,
      installs: !values['no-install'],
    };
  } finally {
    terminal.close();
  }
}

function createTerminal(isTerminal: boolean): { readonly ask: Ask; readonly close: () => void } {
  if (!isTerminal)
    return {
      async ask(question, otherwise, read) {
        if (otherwise === undefined) throw new UsageError('Missing argument: FOLDER. See --help.');
        return read(otherwise);
      },
      close: () => undefined,
    };
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  return {
    async ask(question, otherwise, read) {
      for (;;) {
        const response = await lines.question(`${question}${otherwise ? ` (${otherwise})` : ''}: `);
        try {
          return read(response.trim() || (otherwise ?? ''));
        } catch (error) {
          if (!(error instanceof UsageError)) throw error;
          process.stdout.write(`${error.message}\n`);
        }
      }
    },
    close: () => lines.close(),
  };
}

function requireText(response: string): string {
  if (response === '') throw new UsageError('A folder is needed.');
  return response;
}

/** Files of editors or hosting services in a new folder are no reason to refuse it; a git work tree is. */
const harmless = new Set(['.DS_Store', '.idea', 'Thumbs.db']);

function requireRoom(folder: string): void {
  if (!existsSync(folder)) return;
  if (!statSync(folder).isDirectory()) throw new UsageError(`${folder} is a file.`);
  const present = readdirSync(folder).find((entry) => !harmless.has(entry));
  if (present !== undefined)
    throw new UsageError(`${folder} is not empty: it holds ${present}. Nothing was written.`);
}
