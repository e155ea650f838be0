/** A payment provider. Every operation is idempotent by its key: repeated, it has one effect and one response. */
export interface PaymentProvider {
  /** As in `/webhooks/{provider}` and in the payment's row. */
  readonly name: string;
  /**
   * May result in a charge that is only 'created'; the next call passes its reference and requests the authorisation.
   */
  authorise(request: AuthoriseRequest, signal: AbortSignal): Promise<ProviderCharge>;
  capture(request: ChargeRequest, signal: AbortSignal): Promise<ProviderCharge>;
  void(request: ChargeRequest, signal: AbortSignal): Promise<ProviderCharge>;
  refund(
    request: ChargeRequest & { readonly refundId: string },
    signal: AbortSignal,
  ): Promise<ProviderCharge>;
  /** The provider's current state of an order's charge, with all its refunds; undefined when it knows of none. */
  lookup(request: LookupRequest, signal: AbortSignal): Promise<ProviderCharge | undefined>;
  /** The header with the signature of its webhooks. */
  readonly signatureHeader: 'webhook-signature' | 'stripe-signature';
  /**
   * Verifies and parses a webhook. Undefined for a kind that says nothing about a charge.
   * @throws WebhookRefused when it is not signed by the provider
   * @throws MalformedWebhook when it is, and cannot be parsed
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
  /** Null if the provider's reference is unknown. */
  readonly reference: string | null;
  /** Whether to read the disputes of the charge, too. Default: only if the charge itself says that it has some. */
  readonly withDisputes?: boolean;
}

export interface ReceivedWebhook {
  readonly body: Buffer;
  /** The value of `signatureHeader`. */
  readonly signature: string | undefined;
  /** Unix time in ms. */
  readonly receivedAt: number;
}

/** A charge as reported by its provider at some time: late webhooks report the past. */
export interface ProviderCharge {
  /** The provider's id of it. */
  readonly reference: string;
  /** 'created': the provider knows it, holds no money and has not been asked to. */
  readonly status:
    'created' | 'processing' | 'requires_action' | 'authorised' | 'declined' | 'captured' | 'voided';
  /** Why it was declined. */
  readonly reason: string | null;
  /** Where to send the buyer, with `requires_action`. */
  readonly actionUrl: string | null;
  /** ISO 4217, if the provider reports it. */
  readonly currency?: string;
  /** Minor units, in total. */
  readonly captured: number;
  /** Minor units of the succeeded refunds, in total. */
  readonly refunded: number;
  /**
   * The reported refunds: all of them in a response and a look-up, possibly only some in a webhook. A missing one is
   * not considered deleted.
   */
  readonly refunds: readonly ProviderRefund[];
  /** Absent if they were not requested. */
  readonly disputes?: readonly ProviderDispute[];
}

/** One refund of a charge. Its status only moves forward: pending, succeeded, failed. */
export interface ProviderRefund {
  /** The provider's id of it. */
  readonly reference: string;
  /** Our id of it; null for a refund that was created at the provider. */
  readonly refundId: string | null;
  /** Minor units. */
  readonly amount: number;
  /**
   * 'pending': the provider has accepted it, and the buyer does not have the money yet. 'failed' is final, and may
   * follow 'succeeded': the buyer's bank has returned the money.
   */
  readonly status: 'pending' | 'succeeded' | 'failed';
  /** Why it failed. */
  readonly failure: string | null;
}

/** A buyer's bank takes the money back, or inquires first. */
export interface ProviderDispute {
  /** The provider's id of it. */
  readonly reference: string;
  /** Minor units, in the currency of the payment. */
  readonly amount: number;
  /** The bank's reason, in the provider's terms, such as `fraudulent`. */
  readonly reason: string;
  /** 'inquiry': the bank inquires, and no money has moved. 'closed': it ended without a decision about money. */
  readonly status: 'inquiry' | 'open' | 'won' | 'lost' | 'closed';
  /** Whether the provider still accepts a refund of the charge, which then counts towards the dispute. */
  readonly isRefundable: boolean;
}

/**
 * The content of a webhook. An event is a snapshot and may arrive late, so `charge` is only given if it stays true: the
 * money is authorised, captured or voided. Otherwise the charge is looked up.
 */
export interface ProviderEvent {
  readonly id: string;
  /** The provider's name for it, for logs. */
  readonly type: string;
  /** Absent if the provider only sends its own reference. */
  readonly orderId: string | undefined;
  readonly reference: string;
  readonly charge: ProviderCharge | undefined;
  readonly isAboutDispute: boolean;
}

/** A webhook that the provider has not signed, or not recently. */
export class WebhookRefused extends Error {
  override readonly name = 'WebhookRefused';
}

/** The provider responded that it has not done it and will not, so retrying is pointless. */
export class ProviderRefused extends Error {
  override readonly name = 'ProviderRefused';
  readonly reason: string;
  constructor(reason: string) {
    super(`payment provider rejected the call: ${reason}`);
    this.reason = reason;
  }
}

/** A webhook that was signed and is invalid. */
export class MalformedWebhook extends Error {
  override readonly name = 'MalformedWebhook';
}

export interface UnavailableOptions extends ErrorOptions {
  /** The provider returns this response to the idempotency key from now on. Default false. */
  readonly keyIsSpent?: boolean;
}

/** No trustworthy response. 'not-sent': it certainly did nothing. 'unknown': it may have acted. */
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
