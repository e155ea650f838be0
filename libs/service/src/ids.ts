import { randomFillSync } from 'node:crypto';
import { V7Generator } from 'uuidv7';

/** Source of ids as a dependency, so that tests can predict them. */
export interface Ids {
  /** A UUIDv7 (RFC 9562 §5.7): unique and sortable by time. */
  next(): string;
}

/** Random 32-bit numbers, fetched by the thousand: a system call per id costs more than creating it. */
function createRandomNumbers() {
  const pool = new Uint32Array(1_024);
  let used = pool.length;
  return {
    nextUint32() {
      if (used === pool.length) {
        randomFillSync(pool);
        used = 0;
      }
      return pool[used++]!;
    },
  };
}

const generator = new V7Generator(createRandomNumbers());

export const randomIds: Ids = { next: () => generator.generate().toString() };
