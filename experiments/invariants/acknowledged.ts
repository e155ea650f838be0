import { readFile } from 'node:fs/promises';
import { z } from 'zod';

/** One line of a log of acknowledgements, which a load generator writes for each 201 or 202 to `POST /orders`. */
export const AcknowledgedOrder = z.object({
  orderId: z.uuid(),
  status: z.union([z.literal(201), z.literal(202)]),
  /** The buyer, and the Idempotency-Key they sent. */
  userId: z.string().optional(),
  key: z.string().optional(),
  /** RFC 3339. */
  at: z.string().optional(),
});
export type AcknowledgedOrder = z.output<typeof AcknowledgedOrder>;

/**
 * Reads a log of acknowledgements: a JSON object a line. A last line that was cut off is left out.
 * @throws Error naming the file and line that is something else
 */
export async function readAcknowledged(file: string): Promise<AcknowledgedOrder[]> {
  const lines = (await readFile(file, 'utf8')).split('\n');
  return lines.flatMap((line, index) => {
    if (line.trim() === '') return [];
    const order = AcknowledgedOrder.safeParse(parse(line));
    if (order.success) return [order.data];
    if (index === lines.length - 1) return [];
    throw new Error(`${file}:${index + 1} is no acknowledgement: ${z.prettifyError(order.error)}`);
  });
}

const parse = (line: string): unknown => {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
};
