import { Registry } from 'prom-client';

/** `openmetrics`: OpenMetrics 1.0, with exemplars. `text`: the Prometheus text format 0.0.4, without. */
export type ExpositionFormat = 'openmetrics' | 'text';

/** The `Content-Type` of each format. */
export const expositionContentType: Readonly<Record<ExpositionFormat, string>> = {
  openmetrics: Registry.OPENMETRICS_CONTENT_TYPE,
  text: Registry.PROMETHEUS_CONTENT_TYPE,
};

/**
 * The format that a scraper prefers. OpenMetrics must be named in `Accept` and preferred to text: a scraper that
 * accepts anything, or sends no header, gets text, as from the Prometheus client libraries.
 * @param accept the header (RFC 9110 §12.5.1)
 */
export function negotiateExposition(accept: string | undefined): ExpositionFormat {
  let openMetrics = 0;
  let text = 0;
  for (const range of (accept ?? '').toLowerCase().split(',')) {
    const [type, ...parameters] = range.split(';').map((part) => part.trim());
    const parameter = (name: string) =>
      parameters.find((each) => each.startsWith(`${name}=`))?.slice(name.length + 1);
    const quality = Number(parameter('q') ?? 1) || 0;
    const version = parameter('version');
    if (type === 'application/openmetrics-text' && (version === undefined || version === '1.0.0'))
      openMetrics = Math.max(openMetrics, quality);
    if (type === 'text/plain') text = Math.max(text, quality);
  }
  return openMetrics > 0 && openMetrics >= text ? 'openmetrics' : 'text';
}

/** A sample up to its value: name, labels, value. An exemplar may follow. */
const sample = /^([^{\s]+)(\{(?:[^"}]|"(?:[^"\\]|\\.)*")*\})? (\S+)/;

/**
 * The same metrics in the Prometheus text format: counters have `_total` in their headers too; exemplars and the end
 * mark are omitted. Converted from OpenMetrics, because a prom-client registry that was once asked for OpenMetrics
 * omits `_total` from its counters' names from then on, in either format.
 */
export function toTextFormat(openMetrics: string): string {
  const lines = openMetrics.split('\n').filter((line) => line !== '' && line !== '# EOF');
  const counters = new Set(
    lines.map((line) => /^# TYPE (\S+) counter$/.exec(line)?.[1]).filter((name) => name !== undefined),
  );
  const converted = lines.map((line) => {
    const header = /^(# (?:HELP|TYPE)) (\S+)(.*)$/.exec(line);
    if (header) {
      const [, start, name = '', rest] = header;
      return `${start} ${counters.has(name) ? `${name}_total` : name}${rest}`;
    }
    return sample.exec(line)?.[0] ?? line;
  });
  return `${converted.join('\n')}\n`;
}
