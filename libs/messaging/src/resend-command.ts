import { isServiceName, type ServiceName } from '@bulkhead/contracts/services';
import { subscriptions } from '@bulkhead/contracts/subscriptions';
import type { Database } from '@bulkhead/database/database';
import { resendEvents } from './resend';

export interface Resend {
  /** The service whose database was restored. */
  readonly reader: ServiceName;
  /** The time of the backup. */
  readonly since: Date;
}

/** @throws Error describing an invalid service or time */
export function parseResend(reader: string | undefined, since: string | undefined): Resend {
  if (reader === undefined || !isServiceName(reader))
    throw new Error(reader === undefined ? 'a service must be named' : `there is no service ${reader}`);
  const time = Date.parse(since ?? '');
  if (Number.isNaN(time)) throw new Error('--since takes a time, such as 2026-11-24T04:00:00Z');
  return { reader, since: new Date(time) };
}

/** The services whose events a service consumes. */
export const sendersTo = (reader: ServiceName): ReadonlySet<ServiceName> =>
  new Set(heardBy(reader).map(({ source }) => source));

/**
 * Makes one service resend the events that a reader consumes from it.
 * @param database of the sender
 * @returns a line for the operator about what was done
 */
export async function resendTo(
  { reader, since }: Resend,
  sender: ServiceName,
  database: Database,
): Promise<string> {
  const types = heardBy(reader)
    .filter(({ source }) => source === sender)
    .map(({ type }) => type);
  return `${sender}: ${await resendEvents(database, { types, since })} events are sent again`;
}

const heardBy = (reader: ServiceName) =>
  Object.values(subscriptions)
    .filter(({ service }) => service === reader)
    .flatMap(({ events }) => [...events]);
