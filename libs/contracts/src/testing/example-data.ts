import { z } from 'zod';
import type { DataOf, EventDefinition } from '../event';
import { exampleOf } from '../examples';

/**
 * Data that an event may carry, with every field, of the examples that its schema gives.
 * @throws Error for a text of which no example is known
 */
export function exampleDataOf<D extends EventDefinition>({ data }: D): DataOf<D> {
  const { $defs = {}, ...schema } = z.toJSONSchema(data);
  return data.parse(exampleOf(schema, $defs, '')) as DataOf<D>;
}
