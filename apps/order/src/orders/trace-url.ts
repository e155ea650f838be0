import { TraceFlags } from '@opentelemetry/api';
import { parseTraceParent } from '@opentelemetry/core';

/** @returns where a request's trace is displayed; null if it was not recorded, or cannot be displayed */
export type TraceUrls = (traceparent: string | null) => string | null;

/** @param template a URL with `{traceId}` in it; without one, traces cannot be displayed */
export const createTraceUrls =
  (template: string | undefined): TraceUrls =>
  (traceparent) => {
    const trace = traceparent === null ? null : parseTraceParent(traceparent);
    const isSampled = trace !== null && (trace.traceFlags & TraceFlags.SAMPLED) !== 0;
    return template && isSampled ? template.replace('{traceId}', trace.traceId) : null;
  };
