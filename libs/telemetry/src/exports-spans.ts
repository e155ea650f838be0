import { getStringFromEnv } from '@opentelemetry/core';

/**
 * Are spans to leave the process? Where neither an endpoint nor a variable of OpenTelemetry says so, none do.
 * @param endpoint as the caller has it
 */
export function exportsSpans(endpoint: string | undefined): boolean {
  const exporter = getStringFromEnv('OTEL_TRACES_EXPORTER');
  if (exporter !== undefined) return exporter !== 'none';
  if (endpoint !== undefined) return true;
  return ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'].some(
    (name) => getStringFromEnv(name) !== undefined,
  );
}
