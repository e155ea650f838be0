/** Whoever moves the money. Every operation is idempotent by its key: repeated, it has one effect and one response. */
export interface PaymentProvider {
  /** As in `/webhooks/{provider}` and in the payment's row. */
  readonly name: string;
  /** May end with a charge that is only 'created'; the next call names its reference and asks for the hold. */
  authorise(request: AuthoriseRequest, signal: AbortSignal): Promise<ProviderCharge>;
  capture(request: ChargeRequest, signal: AbortSignal): Promise<ProviderCharge>;
  void(request: ChargeRequest, signal: AbortSignal): Promise<ProviderCharge>;
  refund(
    request: ChargeRequest & { readonly refundId: string },
    signal: AbortSignal,
  ): Promise<ProviderCharge>;
  /** The charge of an order as the provider has it now, with all its refunds; undefined when it knows of none. */
  lookup(request: LookupRequest, signal: AbortSignal): Promise<ProviderCharge | undefined>;
  /** The header in which its webhooks are signed. */
  readonly signatureHeader: 'webhook-signature' | 'stripe-signature';
  /**
   * Verifies and reads a webhook. Undefined for a kind that tells nothing of a charge.
   * @throws WebhookRefused when it is not signed by the provider
   * @throws MalformedWebhook when it is, and cannot be read
   */
  readWebhook(webhook: ReceivedWebhook): ProviderEvent | undefined;
  close(): Promise<void>;
}

export interface AuthoriseRequest {
  readonly orderId: string;
  /** Minor units. */
  readonly amount: number;
  /** ISO 4217. */
  readonly currency: string;
  readonly paymentMethod: string;
  /** Of the charge, once the provider has created one. */
  readonly reference: string | null;
  readonly idempotencyKey: string;
}

export interface ChargeRequest {
  readonly orderId: string;
  readonly reference: string;
  /** Minor units. */
  readonly amount: number;
  /** ISO 4217. */
  readonly currency: string;
  readonly idempotencyKey: string;
}

export interface LookupRequest {
  readonly orderId: string;
  /** Null where the provider's reference was never heard of. */
  readonly reference: string | null;
  /** Whether the disputes of the charge are wanted, too. Default: only where the charge itself says that it has some. */
  readonly withDisputes?: boolean;
}

export interface ReceivedWebhook {
  readonly body: Buffer;
  /** The value of `signatureHeader`. */
  readonly signature: string | undefined;
  /** Unix time in ms. */
  readonly receivedAt: number;
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
  /** Absent where they were not asked for. */
  readonly disputes?: readonly ProviderDispute[];
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

/** A buyer's bank takes the money back, or asks about it first. */
export interface ProviderDispute {
  /** The provider's own id of it. */
  readonly reference: string;
  /** Minor units, in the currency of the payment. */
  readonly amount: number;
  /** The bank's, in the provider's words, such as `fraudulent`. */
  readonly reason: string;
  /** 'inquiry': the bank asks, and no money has moved. 'closed': it ended without a decision about money. */
  readonly status: 'inquiry' | 'open' | 'won' | 'lost' | 'closed';
  /** Does the provider still take a refund of the charge, which then counts for the dispute? */
  readonly isRefundable: boolean;
}

/**
 * What a webhook tells. An event is a snapshot of its moment and may arrive late, so `charge` is given only where it is
 * true whenever it arrives: the hold exists, the money was captured, the hold is gone. Otherwise the charge is looked up.
 */
export interface ProviderEvent {
  readonly id: string;
  /** As the provider names it, for logs. */
  readonly type: string;
  /** Absent where the provider tells only its own reference. */
  readonly orderId: string | undefined;
  readonly reference: string;
  readonly charge: ProviderCharge | undefined;
  readonly isAboutDispute: boolean;
}

/** A webhook that the provider has not signed, or not lately. */
export class WebhookRefused extends Error {
  override readonly name = 'WebhookRefused';
}

/** The provider answered that it has not done it and will not, so repeating is pointless. */
export class ProviderRefused extends Error {
  override readonly name = 'ProviderRefused';
  readonly reason: string;
  constructor(reason: string) {
    super(`payment provider rejected the call: ${reason}`);
    this.reason = reason;
  }
}

/** A webhook that was signed and makes no sense. */
export class MalformedWebhook extends Error {
  override readonly name = 'MalformedWebhook';
}

export interface UnavailableOptions extends ErrorOptions {
  /** The provider gives this response to the idempotency key from now on. Default false. */
  readonly keyIsSpent?: boolean;
}

/** No response that could be trusted. 'not-sent': it has certainly done nothing. 'unknown': it may have done it. */
export class ProviderUnavailable extends Error {
  override readonly name = 'ProviderUnavailable';
  readonly outcome: 'not-sent' | 'unknown';
  readonly keyIsSpent: boolean;
  constructor(outcome: 'not-sent' | 'unknown', options: UnavailableOptions = {}) {
    super(`the payment provider is unavailable (${outcome})`, options);
    this.outcome = outcome;
    this.keyIsSpent = options.keyIsSpent ?? false;
  }
}
