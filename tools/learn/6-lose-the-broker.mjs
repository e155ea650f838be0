/** Step 6: orders were placed while the broker was gone; they are confirmed, and their mails came after. */
import { Missing } from './missing.mjs';
import { sumOf, valuesOf } from './running-shop.mjs';

/** A mail usually comes within a second or two. */
const lateMs = 10_000;

export const check = async (shop, found) => {
  const processes = new Set(Object.values(shop.processes).map(({ admin }) => admin));
  if (!shop.hasBroker || processes.size < Object.keys(shop.processes).length)
    throw new Missing(
      'This shop does not run as processes over a broker. End it with Ctrl-C, and start npm run services.',
    );
  const metrics = await shop.metrics('order');
  const connections = valuesOf(metrics, 'messaging_connection_up');
  const isConnected = connections.length > 0 && connections.every((up) => up === 1);
  const unsent = sumOf(metrics, 'messaging_outbox_rows', ['state="unsent"']);
  if (!isConnected)
    throw new Missing(
      `The broker is gone, and ${unsent} events of order wait in its outbox. Buy something now if you have not; then let the broker go on (kill -CONT), wait a moment, and check again.`,
    );

  // Orders of earlier steps may have been confirmed late for other reasons.
  const startedAt = sumOf(metrics, 'process_start_time_seconds') * 1_000;
  const placed = (await shop.orders()).filter(({ createdAt }) => Date.parse(createdAt) > startedAt);
  if (placed.length === 0)
    throw new Missing(
      'Nobody has bought since the services were started. Freeze the broker as the page says, and buy.',
    );
  const late = placed.flatMap(({ id, status, createdAt }) =>
    shop
      .mailsAbout(id)
      .map((at) => ({ id, status, ms: at - Date.parse(createdAt) }))
      .filter(({ ms }) => ms > lateMs),
  );
  if (late.length === 0)
    throw new Missing(
      'No order has a mail that came late: the broker was there whenever somebody bought. If you bought while it was frozen, wait a moment, and check again.',
    );
  const unconfirmed = late.find(({ status }) => status !== 'confirmed');
  if (unconfirmed) throw new Missing(`Order ${unconfirmed.id} is ${unconfirmed.status}, not confirmed.`);
  found(`The broker is back, and ${unsent} events of order wait.`);
  for (const { id, ms } of late)
    found(`Order ${id} is confirmed, and its mail came ${Math.round(ms / 1000)} s after it was placed.`);
  const twice = late.find(({ id }) => late.filter((other) => other.id === id).length > 1);
  if (twice) throw new Missing(`Order ${twice.id} has more than one mail, which is a fault of the shop.`);
};
