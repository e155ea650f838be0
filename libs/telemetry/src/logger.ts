import { destination as pinoDestination, pino } from 'pino';
import { allowedFields, type AllowedField } from './allowed-fields';
import type { LogContext } from './log-context';
import { scrub, scrubError, scrubUrl } from './scrub';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** Fields of a line. The type lists the allowed ones; the filter also applies at run time. */
export type LogFields = {
  readonly [K in Exclude<AllowedField, 'error'>]?: string | number | boolean | undefined;
} & {
  readonly error?: unknown;
};

export interface Logger {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  /** A logger whose lines also contain `fields`, filtered in the same way. */
  child(fields: LogFields): Logger;
  /** Flushes the buffer; for the end of the process. */
  flush(): void;
}

export interface LogDestination {
  write(line: string): void;
  /** Flushes the buffer. */
  flushSync?(): void;
}

export interface LoggerOptions {
  readonly service: string;
  readonly level: LogLevel;
  /** Destination of the lines. Default: stdout, buffered for at most 200 ms. */
  readonly destination?: LogDestination | undefined;
  /**
   * Called for every line, with whether it is a warning or worse; the result becomes `trace_id`, `span_id`,
   * `trace_flags` and `request_id`.
   */
  readonly context?: ((isTrouble: boolean) => LogContext) | undefined;
  /** Called with the number of a line's fields that are not allowed. */
  readonly onDropped?: ((count: number) => void) | undefined;
}

/** stdout, in chunks of 4 KiB or every 200 ms. Loggers of one process should share one. */
export const stdoutLog = () => pinoDestination({ fd: 1, sync: false, minLength: 4096, periodicFlush: 200 });

/**
 * Structured logs: one JSON object per line with `time` (RFC 3339), `level`, `service`, `msg`, the ids of the request
 * and trace, and those of the given fields that are in `allowedFields`.
 */
export function createLogger(options: LoggerOptions): Logger {
  const destination = options.destination ?? stdoutLog();
  const context = options.context;
  const base = pino(
    {
      level: options.level,
      base: { service: options.service },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      ...(context ? { mixin: (_, level: number) => ids(context(level >= warning)) } : {}),
    },
    destination,
  );
  return wrap(base, options.onDropped ?? (() => undefined), () => destination.flushSync?.());
}

type Sink = pino.Logger;

const warning = pino.levels.values['warn']!;

function wrap(sink: Sink, onDropped: (count: number) => void, flush: () => void): Logger {
  const at = (level: 'debug' | 'info' | 'warn' | 'error') => (fields: LogFields, message: string) => {
    if (sink.isLevelEnabled(level)) sink[level](filter(fields, onDropped), scrub(message));
  };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => wrap(sink.child(filter(fields, onDropped)), onDropped, flush),
    flush,
  };
}

function filter(fields: LogFields, onDropped: (count: number) => void): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  let dropped = 0;
  for (const [name, value] of Object.entries(fields as Record<string, unknown>)) {
    if (value === undefined) continue;
    const clean = Object.hasOwn(allowedFields, name) ? cleaned(name, value) : undefined;
    if (clean === undefined) dropped++;
    else kept[name] = clean;
  }
  if (dropped > 0) {
    kept['dropped_fields'] = dropped;
    onDropped(dropped);
  }
  return kept;
}

function cleaned(name: string, value: unknown): unknown {
  if (name === 'error') return scrubError(value);
  if (typeof value === 'string') return name === 'url' ? scrubUrl(value) : scrub(value);
  return typeof value === 'number' || typeof value === 'boolean' ? value : undefined;
}

// `trace_flags` as OpenTelemetry defines it for logs outside of OTLP: 01 is "sampled", directly after the ids.
const ids = ({ traceId, spanId, traceKept, requestId }: LogContext) => ({
  ...(traceId === undefined ? {} : { trace_id: traceId }),
  ...(spanId === undefined ? {} : { span_id: spanId }),
  ...(traceKept ? { trace_flags: '01' } : {}),
  ...(requestId === undefined ? {} : { request_id: requestId }),
});
