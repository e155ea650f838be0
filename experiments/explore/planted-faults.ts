import type { Statement } from '@bulkhead/database/database';
import type { Explored } from './databases';
import type { StatementWatch } from './watched-database';
import type { PlantedFault } from './world';

/** A mistake as somebody might make it, and what has to be said of it. */
export interface KnownMistake extends PlantedFault {
  readonly what: string;
  readonly found: RegExp;
}

/**
 * Replaces a part of one statement, known by its name, or by how it begins where Prisma's client sends it.
 * @throws Error where the statement has no such part any more
 */
const replacing =
  (service: Explored, name: string, part: string, other: string) =>
  (of: Explored): StatementWatch =>
  (statement: Statement) => {
    if (of !== service || (statement.name !== name && !statement.text.startsWith(name))) return statement;
    if (!statement.text.includes(part)) throw new TypeError(`${name} has no ${part}`);
    return {
      ...statement,
      ...(statement.name !== undefined && { name: `${name}-mistaken` }),
      text: statement.text.replace(part, other),
    };
  };

let keys = 0;

export const knownMistakes: readonly KnownMistake[] = [
  {
    what: 'an order is moved on by whoever comes, whatever became of it meanwhile',
    found: /version|timeline|went from|told/,
    alter: replacing(
      'order',
      'order-transition',
      'version = at_version and state = at_state',
      "at_version > 0 and at_state <> ''",
    ),
  },
  {
    what: 'an order that was read before its buyer was erased is moved on as if they were known',
    found: /names the buyer after the erasure/,
    alter: replacing('order', 'order-transition', 'and user_id = of_user', 'and of_user is not null'),
  },
  {
    what: 'nobody remembers in payment who was erased',
    found: /payment still knows the buyer/,
    alter: replacing(
      'payment',
      'INSERT INTO "public"."erased_user"',
      'VALUES ($1)',
      'SELECT $1::uuid WHERE false',
    ),
  },
  {
    what: 'each attempt at a capture has a key of its own',
    found: /a capture was asked for under 2 keys/,
    captureKey: (orderId) => `${orderId}:capture:${keys++}`,
  },
  {
    what: 'a release that comes before its reservation leaves no mark',
    found: /pieces are reserved/,
    alter: replacing(
      'inventory',
      'write-reservations',
      'as a("orderId" uuid, state text, lines jsonb, "ttlSeconds" integer)',
      'as a("orderId" uuid, state text, lines jsonb, "ttlSeconds" integer) where a.state = \'held\'',
    ),
  },
];
