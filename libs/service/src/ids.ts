import { uuidv7 } from 'uuidv7';

/** Where ids come from, as a dependency, so that tests can foresee them. */
export interface Ids {
  /** A UUIDv7 (RFC 9562 §5.7): unique, and sorting by time. */
  next(): string;
}

export const randomIds: Ids = { next: uuidv7 };
