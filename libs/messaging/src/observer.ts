/** How the attempt to handle one delivery ended. */
export type HandledOutcome = 'done' | 'duplicate' | 'ignored' | 'retry' | 'dead' | 'pause' | 'abandoned';

/** How the attempt to send one outbox row ended. */
export type PublishedOutcome = 'confirmed' | 'failed' | 'unavailable' | 'parked';

export type ConnectionState = 'up' | 'down' | 'blocked' | 'unblocked' | 'stalled' | 'recovered';

/**
 * What happens to messages, told as it happens; metrics and logs are made from it. Every method is optional, is called
 * synchronously and must not throw. Types and groups come from the catalog, so they are safe as metric labels; `reason`
 * is free text.
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
  /** A dead letter that the carrier refused: it is out of the queue, and where a broker buries it, it has no reason. */
  dropped?(event: {
    readonly group: string;
    readonly messageId: string;
    readonly reason: string;
    readonly error: Error;
  }): void;
  paused?(event: { readonly group: string; readonly dependency: string }): void;
  resumed?(event: { readonly group: string; readonly dependency: string; readonly pausedMs: number }): void;
  /**
   * A connection to the broker came up, went down or could not be made (told for each attempt), is blocked by the
   * broker's resource alarm, or is of no use although it is there: nothing is confirmed, or nothing can be consumed.
   */
  connection?(event: {
    readonly name: string;
    readonly state: ConnectionState;
    /** host:port of the broker. */
    readonly host?: string | undefined;
    /** Why it is down, blocked or stalled. */
    readonly error?: unknown;
  }): void;
  /** Something failed that will be tried again by itself. */
  trouble?(event: { readonly where: string; readonly error: unknown }): void;
}

/** A span to be: what the tracer is told about a message being sent or handled. */
export interface MessageSpan {
  readonly name: string;
  readonly kind: 'consumer' | 'client';
  /** W3C trace context of the event, so that its handling continues the trace it began in. */
  readonly traceparent?: string;
  readonly tracestate?: string;
  readonly attributes: Readonly<Record<string, string | number>>;
}

/** Runs the work inside a span. The default runs it as it is. */
export type RunInSpan = <T>(span: MessageSpan, work: () => Promise<T>) => Promise<T>;

export const noSpan: RunInSpan = (_span, work) => work();
