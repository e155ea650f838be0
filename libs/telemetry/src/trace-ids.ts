import { randomFillSync } from 'node:crypto';

/** Random trace and span ids from a pool, because one system call an id costs more than the rest of a span. */
export interface TraceIds {
  /** 16 bytes as 32 lower-case hex digits. */
  traceId(): string;
  /** 8 bytes as 16 lower-case hex digits. */
  spanId(): string;
}

const poolBytes = 8192;

export function randomTraceIds(): TraceIds {
  const pool = Buffer.allocUnsafeSlow(poolBytes);
  let at = poolBytes;
  const take = (bytes: number) => {
    if (at + bytes > poolBytes) {
      randomFillSync(pool);
      at = 0;
    }
    const id = pool.toString('hex', at, at + bytes);
    at += bytes;
    return id;
  };
  // All zeros is invalid (W3C Trace Context §3.2.2), and one in 2^64 for spans: not worth a look at every id.
  return { traceId: () => take(16), spanId: () => take(8) };
}

/**
 * Is a trace of this id among the sampled ones? Compares its last 13 hex digits (52 random bits) with the ratio, so
 * that every service decides the same for one trace.
 * @param ratio 0 … 1
 */
export const sampledByRatio = (traceId: string, ratio: number): boolean =>
  ratio >= 1 || (ratio > 0 && Number.parseInt(traceId.slice(19), 16) < ratio * 2 ** 52);
