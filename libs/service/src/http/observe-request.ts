import type { Endpoint } from '@bulkhead/contracts/endpoint';
import type { Clock } from '@bulkhead/resilience/clock';
import type { HttpServerMetrics } from '@bulkhead/telemetry/http-server-metrics';
import type { Tracing } from '@bulkhead/telemetry/trace';
import type { Pipeline } from './pipeline';

export interface RequestObservation {
  readonly tracing: Tracing;
  readonly metrics: HttpServerMetrics;
  readonly clock: Clock;
}

/**
 * Runs each request of one endpoint in a server span that continues the caller's, and measures it. Names and attributes
 * are those of OpenTelemetry's semantic conventions for HTTP servers (stable since 1.23).
 * @returns a function whose `serve` resolves with the status that was answered
 */
export function createRequestObserver(
  { method, path }: Pick<Endpoint, 'method' | 'path'>,
  { tracing, metrics, clock }: RequestObservation,
  scheme: string,
) {
  const verb = method.toUpperCase();
  const observe = metrics.forRoute(verb, path);
  const name = `${verb} ${path}`;
  const attributes = { 'http.request.method': verb, 'http.route': path, 'url.scheme': scheme };

  return (
    traceparent: string | undefined,
    tracestate: string | undefined,
    requestId: string | undefined,
    serve: () => Promise<number>,
  ): Promise<void> => {
    const startedAt = clock.monotonic();
    const parent = tracing.extract(traceparent, tracestate);
    return tracing.span(
      name,
      {
        kind: 'server',
        attributes,
        // Nobody's child all the same: in one process the caller's span is another service's.
        parent: parent ?? null,
        requestId,
      },
      async (span) => {
        metrics.inFlight.add(1);
        let status = 500;
        try {
          status = await serve();
        } finally {
          metrics.inFlight.add(-1);
        }
        span.setAttribute('http.response.status_code', status);
        if (status >= 500) {
          span.setAttribute('error.type', String(status));
          span.setStatus('error');
        }
        observe(status, (clock.monotonic() - startedAt) / 1000, span.exemplar());
      },
    );
  };
}

/** The same for calls of peers in this process, which come to the pipeline without a socket. */
export function observePipeline(pipeline: Pipeline, observation: RequestObservation): Pipeline {
  const observed = createRequestObserver(pipeline.endpoint, observation, 'inproc');
  return {
    ...pipeline,
    async answer(call) {
      let answer: Awaited<ReturnType<Pipeline['answer']>> | undefined;
      const { headers, requestId } = call;
      await observed(headers['traceparent'], headers['tracestate'], requestId, async () => {
        answer = await pipeline.answer(call);
        return answer.status;
      });
      return answer!;
    },
  };
}
