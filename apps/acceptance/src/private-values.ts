import type { Exchange } from './client';

/** Fields whose values are somebody's secret, or tell who somebody is, wherever they are said. */
const privateFields = new Set([
  'email',
  'password',
  'newPassword',
  'currentPassword',
  'accessToken',
  'refreshToken',
  'token',
  'paymentMethod',
  'recipient',
  'line1',
  'line2',
  'postalCode',
  'city',
]);
/** Beside an email address or a password, and in nothing that the shop sells, it is a person's. */
const isPerson = (object: object): boolean => 'email' in object || 'password' in object;
/** Shorter ones may stand anywhere by chance. */
const shortest = 5;

export interface PrivateValues {
  /** Fits what overhears a client of the shop. */
  readonly overhear: (exchange: Exchange) => void;
  /** Whatever else nobody may read. */
  add(kind: string, value: string): void;
  /** Each value that `text` holds, as its kind and a piece of the text around it. */
  foundIn(text: string): string[];
  /** By kind, how many values are known. */
  counts(): Readonly<Record<string, number>>;
}

/** Collects what must stand in no log, trace, metric or event of the shop: what people told it, and what it gave them. */
export function createPrivateValues(): PrivateValues {
  const kinds = new Map<string, string>();
  const add = (kind: string, value: string) => {
    if (value.length >= shortest) kinds.set(value, kind);
  };

  const search = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [field, inner] of Object.entries(value)) {
      if (typeof inner !== 'string') search(inner);
      else if (privateFields.has(field) || (field === 'name' && isPerson(value))) add(field, inner);
    }
  };

  return {
    add,
    overhear({ headers, sent, received }) {
      const bearer = headers['authorization']?.slice('Bearer '.length);
      if (bearer) add('accessToken', bearer);
      search(sent);
      search(received);
    },
    foundIn: (text) =>
      [...kinds].flatMap(([value, kind]) => {
        const at = text.indexOf(value);
        return at < 0 ? [] : [`${kind}: …${text.slice(Math.max(0, at - 200), at + value.length + 50)}…`];
      }),
    counts() {
      const counts: Record<string, number> = {};
      for (const kind of kinds.values()) counts[kind] = (counts[kind] ?? 0) + 1;
      return counts;
    },
  };
}
