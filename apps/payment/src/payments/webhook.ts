import type { Database } from '@bulkhead/database/database';
import type { Clock } from '@bulkhead/resilience/clock';
import { problem } from '@bulkhead/service/errors';
import type { GuardedProvider } from '../providers/guard';
import {
  MalformedWebhook,
  type PaymentProvider,
  type ProviderCharge,
  type ProviderEvent,
  ProviderRefused,
  ProviderUnavailable,
  WebhookRefused,
} from '../providers/provider';
import type { RecordDependencies } from './apply-move';
import type { Batches } from './batches';
import type { Engine } from './engine';
import type { WebhookOutcome } from './money-metrics';
import type { Payment } from './payment';
import { lockPayment, plainMove, recordCharge } from './record';

export interface WebhookDependencies extends RecordDependencies {
  readonly database: Database;
  readonly provider: PaymentProvider;
  /** The same provider, for look-ups. */
  readonly guarded: GuardedProvider;
  readonly clock: Clock;
  readonly engine: Pick<Engine, 'moved'>;
  readonly batches: Pick<Batches, 'moves' | 'hearings'>;
}

export interface Webhook {
  readonly provider: string;
  readonly signature: string | undefined;
  readonly body: Buffer;
}

/**
 * Processes a provider's webhook. Its event id is recorded in the transaction of its effect, so a repeated webhook has
 * one effect. The state in an event may be outdated on arrival: unless it is final, the charge is looked up and its
 * current state counts.
 * @throws ProblemError not-found (another provider), malformed-request (signature or body), unavailable (the charge
 *   could not be looked up; the provider will send the webhook again)
 */
export async function receiveWebhook(
  dependencies: WebhookDependencies,
  webhook: Webhook,
  signal: AbortSignal,
): Promise<void> {
  const event = readEvent(dependencies, webhook);
  const outcome = event ? await hear(event, dependencies, signal) : 'ignored';
  dependencies.money.webhook(outcome);
  if (outcome === 'stranger')
    dependencies.logger.warn(
      { eventType: event?.type, operation: webhook.provider, providerReference: event?.reference },
      'webhook is about an unknown charge',
    );
}

async function hear(
  event: ProviderEvent,
  dependencies: WebhookDependencies,
  signal: AbortSignal,
): Promise<WebhookOutcome> {
  const { database, provider, batches, engine } = dependencies;
  const found = await batches.hearings.submit(event);
  if (!found) return 'stranger';
  const { payment } = found;
  if (found.isKnown) return 'repeated';
  if (found.isOld) return 'heard';
  const charge = event.charge ?? (await lookUp(dependencies, payment, event, signal));
  if (!charge) return 'stranger';

  const move = plainMove(payment, charge)?.move;
  const along = { reference: charge.reference, webhook: event.id };
  if (move && (await batches.moves.submit({ payment, move, along }))) {
    engine.moved(payment.id);
    return 'heard';
  }
  return database.transaction(async (tx): Promise<WebhookOutcome> => {
    // Within a payment's transaction, which is SQL: the client would have to join it for one statement.
    const { rowCount } = await tx.query({
      name: 'webhook-claim',
      text: `insert into webhook_events (provider, event_id) values ($1, $2) on conflict do nothing`,
      values: [provider.name, event.id],
    });
    if (rowCount === 0) return 'repeated';
    const locked = (await lockPayment(tx, payment.id))!;
    const after = await recordCharge(tx, locked, charge, dependencies);
    if (after.version !== locked.version) tx.afterCommit(() => engine.moved(locked.id));
    return 'heard';
  });
}

function readEvent(
  { provider, clock, money, logger }: WebhookDependencies,
  webhook: Webhook,
): ProviderEvent | undefined {
  if (webhook.provider !== provider.name)
    throw problem('not-found', 'This payment provider is not configured.');
  try {
    return provider.readWebhook({ ...webhook, receivedAt: clock.now() });
  } catch (error) {
    if (error instanceof WebhookRefused) {
      money.webhook('forged');
      throw problem('malformed-request', 'The signature is missing, invalid or expired.');
    }
    if (!(error instanceof MalformedWebhook)) throw error;
    // It was signed, so the provider's format differs from what we parse.
    money.webhook('malformed');
    logger.error({ eventType: 'webhook', operation: provider.name, error }, 'signed webhook is invalid');
    throw problem('malformed-request', 'The body is not a webhook event.');
  }
}

async function lookUp(
  { guarded }: WebhookDependencies,
  { orderId }: Payment,
  { reference, isAboutDispute }: ProviderEvent,
  signal: AbortSignal,
): Promise<ProviderCharge | undefined> {
  try {
    return await guarded.lookup({ orderId, reference, withDisputes: isAboutDispute }, signal);
  } catch (error) {
    if (error instanceof ProviderUnavailable || error instanceof ProviderRefused)
      throw problem('unavailable', {
        detail: 'The charge could not be retrieved from the provider. Send the webhook again.',
        headers: { 'retry-after': '30' },
      });
    throw error;
  }
}
