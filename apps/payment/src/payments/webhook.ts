import type { Database } from '@bulkhead/database/database';
import type { Clock } from '@bulkhead/resilience/clock';
import { problem } from '@bulkhead/service/errors';
import type { Logger } from '@bulkhead/telemetry/logger';
import type { PaymentProvider, ProviderEvent } from '../providers/provider';
import { isSignedWebhook } from '../providers/webhook-signature';
import { type Payment, paymentColumns } from './payment';
import { recordCharge, type RecordDependencies } from './record';

export interface WebhookDependencies extends RecordDependencies {
  readonly database: Database;
  readonly provider: PaymentProvider;
  readonly secret: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Takes what the provider tells. Its event id is kept in the transaction of its effect, so a webhook that comes twice
 * counts once; what it tells is held against what is known, so it may come late, early or out of order.
 * @throws ProblemError not-found (another provider), malformed-request (signature or body)
 */
export async function receiveWebhook(
  { provider, secret, clock, database, logger, ...dependencies }: WebhookDependencies,
  webhook: { readonly provider: string; readonly signature: string | undefined; readonly body: Buffer },
): Promise<void> {
  if (webhook.provider !== provider.name) throw problem('not-found', 'There is no such provider here.');
  if (!isSignedWebhook(webhook.signature, webhook.body, secret, clock.now()))
    throw problem('malformed-request', 'The signature is missing, wrong or too old.');
  const event = provider.readWebhook(parse(webhook.body));
  if (!event) return;

  await database.transaction(async (tx) => {
    const { rowCount } = await tx.query({
      name: 'webhook-claim',
      text: `insert into webhook_events (provider, event_id) values ($1, $2) on conflict do nothing`,
      values: [provider.name, event.id],
    });
    if (rowCount === 0) return;
    const { rows } = await tx.query<Payment>({
      ...lockSubject(event),
      name: `webhook-lock-${event.orderId ? 'order' : 'reference'}`,
    });
    const payment = rows[0];
    if (payment) await recordCharge(tx, payment, event.charge, dependencies);
    else
      logger.warn(
        { eventType: 'webhook', operation: provider.name },
        'a webhook tells of a charge that is not ours',
      );
  });
}

const lockSubject = ({ orderId, charge }: ProviderEvent) =>
  orderId === undefined
    ? {
        text: `select ${paymentColumns} from payments where provider_reference = $1 for update`,
        values: [charge.reference],
      }
    : { text: `select ${paymentColumns} from payments where order_id = $1 for update`, values: [orderId] };

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    throw problem('malformed-request', 'The body is not JSON.');
  }
}
