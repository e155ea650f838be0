import { randomFillSync } from 'node:crypto';

/** Random ids of traces and spans, as the SDK's `IdGenerator`. */
export interface TraceIds {
  /** 16 bytes as 32 lower-case hex digits. */
  generateTraceId(): string;
  /** 8 bytes as 16 lower-case hex digits. */
  generateSpanId(): string;
}

const poolBytes = 8192;

/** Takes ids from a pool of random bytes: one system call for hundreds of them. */
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
  // All zeros is invalid (W3C Trace Context §3.2.2), with a probability of one in 2^64 for spans: too rare to check
  // every id.
  return { generateTraceId: () => take(16), generateSpanId: () => take(8) };
}
