import type { Database } from '@bulkhead/database/database';
import type { Clock } from '@bulkhead/resilience/clock';
import { problem } from '@bulkhead/service/errors';
import { MalformedWebhook, type PaymentProvider, type ProviderEvent } from '../providers/provider';
import { isSignedWebhook } from '../providers/webhook-signature';
import type { RecordDependencies } from './apply-move';
import type { Engine } from './engine';
import type { WebhookOutcome } from './money-metrics';
import { type Payment, paymentColumns } from './payment';
import { recordCharge } from './record';

export interface WebhookDependencies extends RecordDependencies {
  readonly database: Database;
  readonly provider: PaymentProvider;
  readonly secret: string;
  readonly clock: Clock;
  readonly engine: Pick<Engine, 'moved'>;
}

/**
 * Takes what the provider tells. Its event id is kept in the transaction of its effect, so a webhook that comes twice
 * counts once; what it tells is held against what is known, so it may come late, early or out of order.
 * @throws ProblemError not-found (another provider), malformed-request (signature or body)
 */
export async function receiveWebhook(
  { provider, secret, clock, database, engine, ...dependencies }: WebhookDependencies,
  webhook: { readonly provider: string; readonly signature: string | undefined; readonly body: Buffer },
): Promise<void> {
  const { logger, money } = dependencies;
  if (webhook.provider !== provider.name) throw problem('not-found', 'There is no such provider here.');
  if (!isSignedWebhook(webhook.signature, webhook.body, secret, clock.now())) {
    money.webhook('forged');
    throw problem('malformed-request', 'The signature is missing, wrong or too old.');
  }
  const event = read(provider, webhook.body, dependencies);
  if (!event) return money.webhook('ignored');

  const outcome = await database.transaction(async (tx): Promise<WebhookOutcome> => {
    const { rowCount } = await tx.query({
      name: 'webhook-claim',
      text: `insert into webhook_events (provider, event_id) values ($1, $2) on conflict do nothing`,
      values: [provider.name, event.id],
    });
    if (rowCount === 0) return 'repeated';
    const { rows } = await tx.query<Payment>({
      ...lockSubject(event),
      name: `webhook-lock-${event.orderId ? 'order' : 'reference'}`,
    });
    const payment = rows[0];
    if (!payment) return 'stranger';
    const after = await recordCharge(tx, payment, event.charge, dependencies);
    if (after.version !== payment.version) tx.afterCommit(() => engine.moved(payment.id));
    return 'heard';
  });
  money.webhook(outcome);
  if (outcome === 'stranger')
    logger.warn(
      { eventType: 'webhook', operation: provider.name },
      'a webhook tells of a charge that is not ours',
    );
}

const lockSubject = ({ orderId, charge }: ProviderEvent) =>
  orderId === undefined
    ? {
        text: `select ${paymentColumns} from payments where provider_reference = $1 for update`,
        values: [charge.reference],
      }
    : { text: `select ${paymentColumns} from payments where order_id = $1 for update`, values: [orderId] };

function read(
  provider: PaymentProvider,
  body: Buffer,
  { logger, money }: RecordDependencies,
): ProviderEvent | undefined {
  try {
    return provider.readWebhook(JSON.parse(body.toString('utf8')));
  } catch (error) {
    if (!(error instanceof MalformedWebhook || error instanceof SyntaxError)) throw error;
    // It was signed, so the provider writes otherwise than we read.
    money.webhook('malformed');
    logger.error(
      { eventType: 'webhook', operation: provider.name, error },
      'a signed webhook cannot be read',
    );
    throw problem('malformed-request', 'The body is not one of a webhook.');
  }
}
