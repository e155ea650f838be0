import { TraceFlags } from '@opentelemetry/api';
import { parseTraceParent } from '@opentelemetry/core';

/** @returns where the trace is shown that a request belonged to; null where nobody recorded it, or nothing shows it */
export type TraceUrls = (traceparent: string | null) => string | null;

/** @param template a URL with `{traceId}` in it; without one nothing shows traces */
export const createTraceUrls =
  (template: string | undefined): TraceUrls =>
  (traceparent) => {
    const trace = traceparent === null ? null : parseTraceParent(traceparent);
    const isSampled = trace !== null && (trace.traceFlags & TraceFlags.SAMPLED) !== 0;
    return template && isSampled ? template.replace('{traceId}', trace.traceId) : null;
  };
