/** One Ctrl-C may arrive twice: from the terminal, and forwarded by the parent process. */
const sameSignalMs = 500;

/**
 * Ends the process after `stop` on SIGINT, SIGTERM or SIGHUP; immediately on a second signal, or if `stop` takes too
 * long.
 */
export function stopOnSignal(stop: () => Promise<void>, graceMs: number): void {
  let stoppingSince: number | undefined;
  const onSignal = () => {
    if (stoppingSince !== undefined) {
      if (performance.now() - stoppingSince > sameSignalMs) process.exit(130);
      return;
    }
    stoppingSince = performance.now();
    setTimeout(() => process.exit(1), graceMs + 10_000).unref();
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`The shop did not stop cleanly: ${(error as Error).message}\n`);
        process.exit(1);
      },
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
}
