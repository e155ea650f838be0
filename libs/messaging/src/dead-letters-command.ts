import { printable } from './printable';
import type { DeadLetter, DeadLetters, Which } from './transport';

export const usage = `usage: deadletters <command>
  list [group]                    dead letters of a group, or how many each group has
  show <group> <id>               one dead letter with its body
  redrive <group> <id | --all>    send again, to this group only, with the id kept
  drop <group> <id | --all>       delete for good`;

export interface CommandSurroundings {
  readonly deadLetters: DeadLetters;
  /** Known groups. */
  readonly groups: readonly string[];
  readonly print: (line: string) => void;
}

/** Invalid arguments; the message says why. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * Runs one operator command; `args` without `--database-url`.
 * @throws UsageError for invalid arguments, an unknown group or an unknown id
 */
export async function runDeadLettersCommand(
  args: readonly string[],
  { deadLetters, groups, print }: CommandSurroundings,
): Promise<void> {
  const [command, group, target] = args;
  if (command === 'list' && group === undefined) {
    for (const name of groups) {
      const found = await deadLetters.list(name, 1_000);
      print(`${name}\t${found.length}${found.length === 1_000 ? ' or more' : ''}`);
    }
    return;
  }
  if (command === undefined || !['list', 'show', 'redrive', 'drop'].includes(command))
    throw new UsageError(usage);
  if (group === undefined || !groups.includes(group)) {
    throw new UsageError(`there is no group ${group ?? ''}; the groups are ${groups.join(', ')}`);
  }
  if (command === 'list') {
    for (const letter of await deadLetters.list(group, 1_000)) print(lineOf(letter));
    return;
  }
  if (target === undefined) throw new UsageError(usage);
  if (command === 'show') {
    const letter = await deadLetters.show(group, target);
    if (!letter) throw new UsageError(`${group} has no dead letter ${target}`);
    print(lineOf(letter));
    print(printable(letter.body, '\n\r\t'));
    return;
  }
  const which: Which = target === '--all' ? 'all' : { messageId: target };
  const count =
    command === 'redrive' ? await deadLetters.redrive(group, which) : await deadLetters.drop(group, which);
  if (count === 0 && which !== 'all') throw new UsageError(`${group} has no dead letter ${target}`);
  print(`${command === 'redrive' ? 'sent again' : 'dropped'}: ${count}`);
}

const lineOf = ({ messageId, type, attempts, deadAt, reason }: DeadLetter): string =>
  [messageId, type, `attempts ${attempts}`, deadAt, reason].map((text) => printable(text)).join('\t');
