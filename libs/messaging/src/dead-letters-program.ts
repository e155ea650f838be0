import { type CommandSurroundings, runDeadLettersCommand, UsageError } from './dead-letters-command';

/**
 * The command as a program: prints to the streams of the process and closes its resources.
 * @returns the exit code: 2 for invalid arguments, 1 if the dead letters cannot be reached
 */
export async function runDeadLettersProgram(
  args: readonly string[],
  opened: Omit<CommandSurroundings, 'print'> & {
    close(): Promise<void>;
    /** Why the broker could not be used, if known. */
    failure?(): string | undefined;
  },
): Promise<number> {
  const print = (line: string) => void process.stdout.write(`${line}\n`);
  try {
    await runDeadLettersCommand(args, { ...opened, print });
    return 0;
  } catch (error) {
    const why = opened.failure?.();
    process.stderr.write(`${(error as Error).message}${why === undefined ? '' : `: ${why}`}\n`);
    return error instanceof UsageError ? 2 : 1;
  } finally {
    await opened.close();
  }
}
