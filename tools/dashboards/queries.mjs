/** Asks a Prometheus every query of every panel, and whether somebody writes each series that an alert reads. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../bootstrap/install.mjs';

const folder = path.join(root, 'k8s/dashboards');

/** The dashboards, each with the name of its file. */
export const readDashboards = () =>
  readdirSync(folder)
    .filter((each) => each.endsWith('.json'))
    .map((file) => ({
      name: file.replace('.json', ''),
      ...JSON.parse(readFileSync(path.join(folder, file), 'utf8')),
    }));

/** A query as Grafana would send it with everything chosen, over that window. */
export const substitute = (expression, window = '3m') =>
  expression
    .replaceAll('$namespace', '.*')
    .replaceAll('$service', '.*')
    .replaceAll('$__rate_interval', window);

/** What seldom happens is shown as 0 where it never did; here it must have. */
const strict = (expression) => expression.replace(/^\(\((.*)\) > 0\) or on\(\) vector\(0\)$/s, '$1');

/**
 * @param {string} url of a Prometheus
 * @param {{ mayBeEmpty?: boolean }} options whether what has no data counts as passed; it is told in `empty`
 * @returns {Promise<{ passed: number, failures: string[], empty: string[] }>}
 */
export const askEverything = async (url, { mayBeEmpty = false } = {}) => {
  const failures = [];
  const empty = [];
  let passed = 0;
  const count = (name, why, isEmpty = false) => {
    if (why && !(isEmpty && mayBeEmpty)) return failures.push(`${name}: ${why}`);
    if (why) empty.push(`${name}: ${why}`);
    passed += 1;
  };
  const get = async (at) => (await (await fetch(`${url}/api/v1/${at}`)).json()).data;

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

  const readBy = new Map();
  for (const { rules } of (await get('rules')).groups)
    for (const { name, query, health, lastError } of rules) {
      count(`rule ${name}`, health === 'ok' ? '' : `${health} ${lastError ?? ''}`);
      for (const series of seriesIn(query)) readBy.set(series, name);
    }
  const names = new Set(await get('label/__name__/values'));
  for (const [series, rule] of readBy)
    count(`rule ${rule}`, names.has(series) ? '' : `reads ${series}, which nobody writes`, true);
  return { passed, failures, empty };
};

/**
 * The single requests that Grafana marks in a panel, each with its trace.
 * @returns {Promise<{ timestamp: number, value: string, labels: Record<string, string> }[]>} of the last `seconds`
 */
export const exemplarsOf = async (url, query, seconds, end = Date.now() / 1000) => {
  const body = new URLSearchParams({ query, start: String(end - seconds), end: String(end) });
  const { data } = await (await fetch(`${url}/api/v1/query_exemplars`, { method: 'POST', body })).json();
  return (data ?? []).flatMap(({ exemplars }) => exemplars);
};

const whyEmpty = async (url, query) => {
  const body = new URLSearchParams({ query });
  const response = await (await fetch(`${url}/api/v1/query`, { method: 'POST', body })).json();
  if (response.status !== 'success') return `${response.error}: ${query}`;
  return response.data.result.some(({ value }) => value[1] !== 'NaN') ? '' : `no data: ${query}`;
};

/** Names followed by a matcher, a range or an operator; not functions, labels, or what is in quotes. */
const seriesIn = (query) => {
  const bare = query
    .replace(/"(?:[^"\\]|\\.)*"/g, '""')
    .replace(/\{[^}]*\}/g, '{}')
    .replace(/\b(?:by|on|without|ignoring|group_left|group_right)\s*\([^)]*\)/g, '');
  return [...bare.matchAll(/[a-zA-Z_:][\w:]*(?!\w|\s*\()/g)]
    .map(([name]) => name)
    .filter((name) => name.includes('_'));
};
