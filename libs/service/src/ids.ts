import { randomFillSync } from 'node:crypto';
import { V7Generator } from 'uuidv7';

/** Where ids come from, as a dependency, so that tests can foresee them. */
export interface Ids {
  /** A UUIDv7 (RFC 9562 §5.7): unique, and sorting by time. */
  next(): string;
}

/** Random numbers of 32 bits, fetched by the thousand: asking for each id costs more than making it. */
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
