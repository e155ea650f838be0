import { type ExpositionFormat, toTextFormat } from './exposition';
import type { Metrics } from './metrics';

/**
 * Merges the metrics of several services of one process. Their samples differ in `service`; each family appears once,
 * as the format requires (OpenMetrics 1.0, §"Overall Structure").
 */
export async function exposeTogether(
  all: readonly Metrics[],
  format: ExpositionFormat = 'openmetrics',
): Promise<string> {
  const families = new Map<string, { readonly header: string[]; readonly samples: string[] }>();
  for (const text of await Promise.all(all.map((metrics) => metrics.expose()))) {
    let family: { header: string[]; samples: string[] } | undefined;
    for (const line of text.split('\n')) {
      if (line === '' || line === '# EOF') continue;
      const name = /^# HELP (\S+)/.exec(line)?.[1];
      if (name !== undefined) {
        family = families.get(name) ?? { header: [], samples: [] };
        families.set(name, family);
      }
      if (!line.startsWith('# ')) family?.samples.push(line);
      else if (!family?.header.includes(line) && (family?.header.length ?? 2) < 2) family?.header.push(line);
    }
  }
  const lines = [...families.values()].flatMap(({ header, samples }) => [...header, ...samples]);
  const text = `${lines.join('\n')}\n# EOF\n`;
  return format === 'text' ? toTextFormat(text) : text;
}
