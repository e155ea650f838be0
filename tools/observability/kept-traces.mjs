/** What an OpenTelemetry Collector kept, and what leads there. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { root } from '../bootstrap/install.mjs';

const text = (attributes, name) => attributes?.find(({ key }) => key === name)?.value?.stringValue;

/**
 * @param {string} lines of the Collector's file exporter: OTLP in JSON, one export a line
 * @returns {Map<string, { service: string, name: string, failed: boolean, start: number, end: number,
 *   links: string[] }[]>} the spans of each trace by its id; times in ms
 */
export const tracesIn = (lines) => {
  const traces = new Map();
  for (const line of lines.split('\n').filter((each) => each.startsWith('{')))
    for (const { resource, scopeSpans } of JSON.parse(line).resourceSpans)
      for (const { spans } of scopeSpans)
        for (const span of spans) {
          const of = traces.get(span.traceId) ?? [];
          traces.set(span.traceId, of);
          of.push({
            service: text(resource.attributes, 'service.name'),
            name: span.name,
            failed: span.status?.code === 2,
            start: Number(BigInt(span.startTimeUnixNano) / 1000n) / 1000,
            end: Number(BigInt(span.endTimeUnixNano) / 1000n) / 1000,
            links: (span.links ?? []).map(({ traceId }) => traceId),
          });
        }
  return traces;
};

/** The spans of the trace that began with a client's; undefined where it was dropped. */
export const traceOfClient = (traces, clientTraceId) =>
  [...traces.values()].find((spans) => spans.some(({ links }) => links.includes(clientTraceId)));

/** The traces that histograms lead to. @param {string} exposition of /metrics, as OpenMetrics */
export const tracesOfExemplars = (exposition) =>
  new Set([...exposition.matchAll(/ # \{trace_id="(\w+)"\} /g)].map(([, id]) => id));

/** The traces that lines of a log lead to, by what Grafana's data source Loki is told. */
export const tracesOfLogs = (log) => {
  const file = path.join(root, 'k8s/observability/config/datasources.yaml');
  const { datasources } = parse(readFileSync(file, 'utf8'));
  const { derivedFields } = datasources.find(({ uid }) => uid === 'loki').jsonData;
  const { matcherRegex } = derivedFields.find(({ name }) => name === 'trace_id');
  return new Set([...log.matchAll(new RegExp(matcherRegex, 'g'))].map(([, id]) => id));
};
