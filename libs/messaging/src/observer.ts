/** How the attempt to handle one delivery ended. */
export type HandledOutcome = 'done' | 'duplicate' | 'ignored' | 'retry' | 'dead' | 'pause' | 'abandoned';

/** How the attempt to send one outbox row ended. */
export type PublishedOutcome = 'confirmed' | 'failed' | 'unavailable' | 'parked';

export type ConnectionState = 'up' | 'down' | 'blocked' | 'unblocked' | 'stalled' | 'recovered';

/**
 * Observes messages, for metrics and logs. Every method is optional, is called synchronously and must not throw. Types
 * and groups come from the catalog, so they are safe as metric labels; `reason` is free text.
 */
export interface MessagingObserver {
  published?(event: {
    readonly type: string;
    readonly outcome: PublishedOutcome;
    readonly reason?: string;
  }): void;
  handled?(event: {
    readonly group: string;
    /** 'unknown' for what could not be decoded. */
    readonly type: string;
    readonly outcome: HandledOutcome;
    readonly attempt: number;
    readonly durationMs: number;
    /** From the event's time to the end of its handling; absent for what could not be decoded. */
    readonly lagMs?: number;
  }): void;
  retried?(event: {
    readonly group: string;
    readonly messageId: string;
    readonly attempt: number;
    readonly delayMs: number;
    readonly reason: string;
  }): void;
  dead?(event: {
    readonly group: string;
    readonly messageId: string;
    readonly attempt: number;
    readonly reason: string;
  }): void;
  /**
   * The transport refused a dead letter: it is out of the queue, and if the broker dead-letters it, the reason is
   * missing.
   */
  dropped?(event: {
    readonly group: string;
    readonly messageId: string;
    readonly reason: string;
    readonly error: Error;
  }): void;
  paused?(event: { readonly group: string; readonly dependency: string }): void;
  resumed?(event: { readonly group: string; readonly dependency: string; readonly pausedMs: number }): void;
  /**
   * The state of a connection to the broker: it was established, was lost or could not be made (reported for each
   * attempt), is blocked by the broker's resource alarm, or is stalled: nothing is confirmed, or nothing can be
   * consumed.
   */
  connection?(event: {
    readonly name: string;
    readonly state: ConnectionState;
    /** host:port of the broker. */
    readonly host?: string | undefined;
    /** Why it is down, blocked or stalled. */
    readonly error?: unknown;
  }): void;
  /** A failure that will be retried automatically. */
  trouble?(event: { readonly where: string; readonly error: unknown }): void;
}

/** A span to be created: what the tracer knows about a message being sent or handled. */
export interface MessageSpan {
  readonly name: string;
  readonly kind: 'consumer' | 'client';
  /** W3C trace context of the event, so that its handling continues the trace in which it was created. */
  readonly traceparent?: string;
  readonly tracestate?: string;
  readonly attributes: Readonly<Record<string, string | number>>;
}

/** Runs the work inside a span. By default, runs it without one. */
export type RunInSpan = <T>(span: MessageSpan, work: () => Promise<T>) => Promise<T>;

export const noSpan: RunInSpan = (_span, work) => work();
