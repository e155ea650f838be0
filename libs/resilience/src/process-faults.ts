import type { Clock } from './clock';

/** Limits of process faults: large enough to be noticed, small enough to be survived. */
export const processFaultBounds = {
  maxDurationMs: 60_000,
  maxBlockMs: 10_000,
  maxMemoryBytes: 1024 ** 3,
} as const;

/** Ends the process at once, as `kill -9` would: no handlers, no flushing. */
export function crash(): never {
  process.kill(process.pid, 'SIGKILL');
  // The signal is delivered asynchronously; no code of this process may run until then.
  for (;;);
}

/**
 * Blocks the event loop for `ms` (at most 10 s): no timer, request or probe is served meanwhile.
 * @throws RangeError
 */
export function blockEventLoop(ms: number): void {
  demand(ms, processFaultBounds.maxBlockMs, 'ms');
  const until = performance.now() + ms;
  while (performance.now() < until);
}

/**
 * Uses `share` (0 to 1) of the event loop's thread for `durationMs` (at most 60 s), in slices of 20 ms between which
 * everything else runs.
 * @throws RangeError, or the signal's reason when it aborts
 */
export async function burnCpu(
  options: { readonly share: number; readonly durationMs: number; readonly clock: Clock },
  signal?: AbortSignal,
): Promise<void> {
  const { share, durationMs, clock } = options;
  demand(share, 1, 'share');
  demand(durationMs, processFaultBounds.maxDurationMs, 'durationMs');
  const sliceMs = 20;
  for (const until = clock.monotonic() + durationMs; clock.monotonic() < until;) {
    blockEventLoop(sliceMs * share);
    await clock.sleep(sliceMs * (1 - share), signal);
  }
}

/**
 * Allocates and fills `bytes` (at most 1 GiB) of memory for `durationMs` (at most 60 s).
 * @throws RangeError, or the signal's reason when it aborts; the memory is released in any case
 */
export async function growMemory(
  options: { readonly bytes: number; readonly durationMs: number; readonly clock: Clock },
  signal?: AbortSignal,
): Promise<void> {
  const { bytes, durationMs, clock } = options;
  demand(bytes, processFaultBounds.maxMemoryBytes, 'bytes');
  demand(durationMs, processFaultBounds.maxDurationMs, 'durationMs');
  const chunkBytes = 16 * 1024 ** 2;
  const held: Buffer[] = [];
  try {
    for (let left = bytes; left > 0; left -= chunkBytes) {
      // Filled, because pages that were never written to use no memory; one chunk per iteration, so that the loop is
      // not blocked.
      held.push(Buffer.alloc(Math.min(chunkBytes, left), 1));
      await clock.sleep(0, signal);
    }
    await clock.sleep(durationMs, signal);
  } finally {
    held.length = 0;
  }
}

function demand(value: number, max: number, name: string): void {
  if (!(value >= 0 && value <= max)) throw new RangeError(`${name} must be between 0 and ${max}`);
}
