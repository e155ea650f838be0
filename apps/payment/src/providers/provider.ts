/** Whoever moves the money. Every operation is idempotent by its key: repeated, it has one effect and one answer. */
export interface PaymentProvider {
  /** As in `/webhooks/{provider}` and in the payment's row. */
  readonly name: string;
  authorise(request: AuthoriseRequest, signal: AbortSignal): Promise<ProviderCharge>;
  capture(request: ChargeRequest, signal: AbortSignal): Promise<ProviderCharge>;
  void(request: ChargeRequest, signal: AbortSignal): Promise<ProviderCharge>;
  refund(
    request: ChargeRequest & { readonly refundId: string },
    signal: AbortSignal,
  ): Promise<ProviderCharge>;
  /** The charge of an order as the provider has it now, with all its refunds; undefined when it knows of none. */
  lookup(
    charge: { readonly orderId: string; readonly reference: string | null },
    signal: AbortSignal,
  ): Promise<ProviderCharge | undefined>;
  /** The header in which its webhooks are signed. */
  readonly signatureHeader: 'webhook-signature' | 'stripe-signature';
  /**
   * Reads a webhook whose signature was right. Undefined for a kind that tells nothing of a charge.
   * @throws MalformedWebhook when it is of a kind that does, and cannot be read
   */
  readWebhook(body: unknown): ProviderEvent | undefined;
  close(): Promise<void>;
}

export interface AuthoriseRequest {
  readonly orderId: string;
  /** Minor units. */
  readonly amount: number;
  /** ISO 4217. */
  readonly currency: string;
  readonly paymentMethod: string;
  readonly idempotencyKey: string;
}

export interface ChargeRequest {
  readonly orderId: string;
  readonly reference: string;
  /** Minor units. */
  readonly amount: number;
  readonly idempotencyKey: string;
}

/** A charge as its provider tells it, at some moment: late webhooks tell of the past. */
export interface ProviderCharge {
  /** The provider's own id of it. */
  readonly reference: string;
  /** 'created': the provider knows of it, holds nothing and has not been asked to. */
  readonly status:
    'created' | 'processing' | 'requires_action' | 'authorised' | 'declined' | 'captured' | 'voided';
  /** Why it was declined. */
  readonly reason: string | null;
  /** Where the buyer has to go, with `requires_action`. */
  readonly actionUrl: string | null;
  /** ISO 4217, where the provider tells it. */
  readonly currency?: string;
  /** Minor units, in all. */
  readonly captured: number;
  /** Minor units of the refunds that have succeeded, in all. */
  readonly refunded: number;
  /**
   * The refunds that the provider tells of: all of them in a response and when looked up, possibly only some in a
   * webhook. One that is missing is not known to be gone.
   */
  readonly refunds: readonly ProviderRefund[];
}

/** One refund of a charge. Its status only moves forward: pending, succeeded, failed. */
export interface ProviderRefund {
  /** The provider's own id of it. */
  readonly reference: string;
  /** Our id of it; null for a refund that was made at the provider itself. */
  readonly refundId: string | null;
  /** Minor units. */
  readonly amount: number;
  /**
   * 'pending': the provider has accepted it, and the money is not back yet. 'failed' is final, and may follow
   * 'succeeded': the buyer's bank has returned the money.
   */
  readonly status: 'pending' | 'succeeded' | 'failed';
  /** Why it failed. */
  readonly failure: string | null;
}

export interface ProviderEvent {
  readonly id: string;
  /** Absent where the provider tells only its own reference. */
  readonly orderId: string | undefined;
  readonly charge: ProviderCharge;
}

/** The provider answered that it has not done it and will not, so repeating is pointless. */
export class ProviderRefused extends Error {
  override readonly name = 'ProviderRefused';
  readonly reason: string;
  constructor(reason: string) {
    super(`the payment provider refused: ${reason}`);
    this.reason = reason;
  }
}

/** A webhook that was signed and makes no sense. */
export class MalformedWebhook extends Error {
  override readonly name = 'MalformedWebhook';
}

/** No answer that could be trusted. 'not-sent': it has certainly done nothing. 'unknown': it may have done it. */
export class ProviderUnavailable extends Error {
  override readonly name = 'ProviderUnavailable';
  readonly outcome: 'not-sent' | 'unknown';
  constructor(outcome: 'not-sent' | 'unknown', options?: ErrorOptions) {
    super(`the payment provider is unavailable (${outcome})`, options);
    this.outcome = outcome;
  }
}
