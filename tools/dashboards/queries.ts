/** Asks a Prometheus every query of every panel, and whether somebody writes each series that an alert reads. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../bootstrap/install.mjs';

const folder = path.join(root, 'k8s/dashboards');

/** The dashboards, each with the name of its file. */
interface Dashboard {
  readonly name: string;
  readonly title: string;
  readonly panels: readonly {
    readonly title: string;
    readonly targets?: readonly { readonly expr: string; readonly exemplar?: boolean }[];
  }[];
}

export const readDashboards = (): Dashboard[] =>
  readdirSync(folder)
    .filter((each) => each.endsWith('.json'))
    .map((file) => ({
      name: file.replace('.json', ''),
      ...(JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as Omit<Dashboard, 'name'>),
    }));

/** A query as Grafana would send it with everything chosen, over that window. */
export const substitute = (expression: string, window = '3m'): string =>
  expression
    .replaceAll('$namespace', '.*')
    .replaceAll('$service', '.*')
    .replaceAll('$__rate_interval', window);

interface Rules {
  readonly groups: readonly {
    readonly rules: readonly { name: string; query: string; health: string; lastError?: string }[];
  }[];
}

/** What seldom happens is shown as 0 where it never did; here it must have. */
const strict = (expression: string): string =>
  expression.replace(/^\(\((.*)\) > 0\) or on\(\) vector\(0\)$/s, '$1');

/**
 * @param url of a Prometheus
 * @param options whether what has no data counts as passed; it is told in `empty`
 */
export const askEverything = async (
  url: string,
  { mayBeEmpty = false }: { readonly mayBeEmpty?: boolean } = {},
): Promise<{ passed: number; failures: string[]; empty: string[] }> => {
  const failures: string[] = [];
  const empty: string[] = [];
  let passed = 0;
  const count = (name: string, why: string, isEmpty = false): void => {
    if (why && !(isEmpty && mayBeEmpty)) return void failures.push(`${name}: ${why}`);
    if (why) empty.push(`${name}: ${why}`);
    passed += 1;
  };
  const get = async <Data>(at: string): Promise<Data> =>
    ((await (await fetch(`${url}/api/v1/${at}`)).json()) as { data: Data }).data;

  for (const { title, panels } of readDashboards())
    for (const panel of panels)
      for (const { expr, exemplar } of panel.targets ?? []) {
        const name = `${title}, ${panel.title}`;
        const query = substitute(strict(expr));
        const why = await whyEmpty(url, query);
        count(name, why, why.startsWith('no data'));
        if (exemplar)
          count(`${name}, traces`, (await exemplarsOf(url, query, 180)).length > 0 ? '' : 'none', true);
      }

  const readBy = new Map<string, string>();
  for (const { rules } of (await get<Rules>('rules')).groups)
    for (const { name, query, health, lastError } of rules) {
      count(`rule ${name}`, health === 'ok' ? '' : `${health} ${lastError ?? ''}`);
      for (const series of seriesIn(query)) readBy.set(series, name);
    }
  const names = new Set(await get<string[]>('label/__name__/values'));
  for (const [series, rule] of readBy)
    count(`rule ${rule}`, names.has(series) ? '' : `reads ${series}, which nobody writes`, true);
  return { passed, failures, empty };
};

export interface Exemplar {
  readonly timestamp: number;
  readonly value: string;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * The single requests that Grafana marks in a panel, each with its trace.
 * @returns those of the last `seconds`
 */
export const exemplarsOf = async (
  url: string,
  query: string,
  seconds: number,
  end = Date.now() / 1000,
): Promise<Exemplar[]> => {
  const body = new URLSearchParams({ query, start: String(end - seconds), end: String(end) });
  const response = await fetch(`${url}/api/v1/query_exemplars`, { method: 'POST', body });
  const { data } = (await response.json()) as { data?: { exemplars: Exemplar[] }[] };
  return (data ?? []).flatMap(({ exemplars }) => exemplars);
};

const whyEmpty = async (url: string, query: string): Promise<string> => {
  const body = new URLSearchParams({ query });
  const response = (await (await fetch(`${url}/api/v1/query`, { method: 'POST', body })).json()) as
    | { status: 'success'; data: { result: { value: [number, string] }[] } }
    | { status: 'error'; error: string };
  if (response.status !== 'success') return `${response.error}: ${query}`;
  return response.data.result.some(({ value }) => value[1] !== 'NaN') ? '' : `no data: ${query}`;
};

/** Names followed by a matcher, a range or an operator; not functions, labels, or what is in quotes. */
const seriesIn = (query: string): string[] => {
  const bare = query
    .replace(/"(?:[^"\\]|\\.)*"/g, '""')
    .replace(/\{[^}]*\}/g, '{}')
    .replace(/\b(?:by|on|without|ignoring|group_left|group_right)\s*\([^)]*\)/g, '');
  return [...bare.matchAll(/[a-zA-Z_:][\w:]*(?!\w|\s*\()/g)]
    .map(([name]) => name)
    .filter((name) => name.includes('_'));
};
