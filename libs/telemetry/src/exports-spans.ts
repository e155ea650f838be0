import { getStringFromEnv } from '@opentelemetry/core';

/**
 * Whether spans are exported. Only if an endpoint or a variable of OpenTelemetry says so.
 * @param endpoint as configured by the caller
 */
export function exportsSpans(endpoint: string | undefined): boolean {
  const exporter = getStringFromEnv('OTEL_TRACES_EXPORTER');
  if (exporter !== undefined) return exporter !== 'none';
  if (endpoint !== undefined) return true;
  return ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'].some(
    (name) => getStringFromEnv(name) !== undefined,
  );
}
