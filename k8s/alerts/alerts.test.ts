import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { serviceNames } from '@bulkhead/contracts/services';
import { stringify } from 'yaml';
import { alerts, groups, ruleGroup } from './src/all';
import { promtool } from './promtool';
import type { Alert, Series } from './src/rule';
import { objectives } from './src/objectives';
import { groupsOf } from './src/of-service';
import { burnAlerts, recordings } from './src/slo-rules';
import { symptoms } from './src/symptoms';

jest.setTimeout(120_000);

const root = path.join(__dirname, '../..');
const names = [...new Set(alerts.map(({ alert }) => alert))];

describe('alert rules', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'bulkhead-rules-'));
    writeFileSync(path.join(folder, 'rules.yaml'), stringify({ groups: groups.map(ruleGroup) }));
    // A test reads the rules that it needs: promtool evaluates all that it is given.
    const parts = { burn: [recordings, burnAlerts], symptoms: [symptoms] };
    for (const [name, part] of Object.entries(parts))
      writeFileSync(path.join(folder, `${name}.yaml`), stringify({ groups: part.map(ruleGroup) }));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('are read by Prometheus', () => {
    expect(promtool('check', 'rules', path.join(folder, 'rules.yaml'))).toMatch(/^exit 0\n/);
  });

  /** All rules of one name at once: those of an objective differ in their windows and are tested on the same traffic. */
  const testOf = (rules: readonly Alert[], series: Series, isFiring: boolean) => {
    const where = ({ alert, severity, labels }: Alert) =>
      Object.entries({ alertname: alert, alertstate: 'firing', severity, ...labels })
        .map(([name, value]) => `${name}="${value}"`)
        .join(', ');
    return {
      name: `${rules[0]?.alert} ${isFiring ? 'fires' : 'is silent'}`,
      interval: '1m',
      input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
      promql_expr_test: rules.map((rule) => ({
        expr: `count(ALERTS{${where(rule)}}) > bool 0 or vector(0)`,
        eval_time: rule.at ?? '30m',
        exp_samples: [{ labels: '{}', value: isFiring ? 1 : 0 }],
      })),
    };
  };
  const run = (rules: string, tests: readonly ReturnType<typeof testOf>[]) => {
    const file = path.join(folder, `test-of-${rules}`);
    writeFileSync(file, stringify({ rule_files: [rules], evaluation_interval: '1m', tests }));
    expect(promtool('test', 'rules', file)).toMatch(/^exit 0\n/);
  };
  const check = (rules: readonly Alert[], series: Series, isFiring: boolean) =>
    run(rules[0]?.labels ? 'burn.yaml' : 'symptoms.yaml', [testOf(rules, series, isFiring)]);
  const rulesOf = (name: string) => alerts.filter(({ alert }) => alert === name);
  it.each(names)('%s fires when it must', (name) => check(rulesOf(name), rulesOf(name)[0]!.fires, true));
  it.each(names)('%s is silent when all is well', (name) =>
    check(rulesOf(name), rulesOf(name)[0]!.silent, false),
  );

  /** The service whose own rules are asked: the series of all alerts that are about any service are those of order. */
  const ownerOf = (name: string) =>
    rulesOf(name)[0]?.of ?? objectives.find(({ alert }) => alert === name)?.of ?? 'order';
  it.each(['gateway', 'order', 'payment', 'notification'] as const)(
    'those that %s brings when it is installed alone say the same',
    (service) => {
      const [recorded, burn, felt] = groupsOf(service);
      const parts = { burn: [recorded!, burn!], symptoms: [felt!] };
      const its = names.filter((name) => ownerOf(name) === service);
      expect(its.length).toBeGreaterThan(1);
      for (const [part, rules] of Object.entries(parts)) {
        const file = `${part}-of-${service}.yaml`;
        writeFileSync(path.join(folder, file), stringify({ groups: rules.map(ruleGroup) }));
        const tested = its.map(rulesOf).filter(([rule]) => Boolean(rule?.labels) === (part === 'burn'));
        run(
          file,
          tested.map((each) => testOf(each, each[0]!.fires, true)),
        );
      }
    },
  );

  it.each(serviceNames)('those of %s ask for no series of another service', (service) => {
    for (const { rules } of groupsOf(service))
      for (const { expr } of rules) {
        const selectors = expr.match(/(?<![\w:])(?:up|\w+[_:][\w:]+)(?![\w:]|\s*\()(?:\{[^}]*\})?/g) ?? [];
        expect(selectors).not.toEqual([]);
        for (const selector of selectors) expect(selector).toMatch(new RegExp(`service="(${service}|buy)"`));
      }
  });

  const quietNight = (failed: number): Series => {
    const buying = 'namespace="shop", service="gateway", method="POST", route="/api/v1/orders"';
    const name = 'http_server_request_duration_seconds_count';
    // One a minute, the last of them three minutes before the alerts are looked at.
    const bad = [...Array(failed).keys()].map((n) => n + 1);
    return {
      [`${name}{${buying}, status="201"}`]: '0+1x320',
      [`${name}{${buying}, status="500"}`]: `0x${297 - failed} ${bad.join(' ')} ${failed}x20`,
    };
  };
  it('two buyers of sixty in an hour who were failed wake nobody; a dozen do', () => {
    const rules = rulesOf('BuyAvailabilityBurn').filter(({ labels }) => labels?.['window'] === '1h');
    check(rules, quietNight(2), false);
    check(rules, quietNight(12), true);
  });
});

describe('runbooks', () => {
  const folder = path.join(root, 'docs/runbooks');
  const written = readdirSync(folder).filter((file) => file.endsWith('.md'));

  it('there is one for each alert, and none for another', () => {
    expect(written.map((file) => file.replace('.md', '')).sort()).toEqual([...names].sort());
  });

  it.each(names)('that of %s says what it means, how to look, what to do and when it is over', (name) => {
    const text = readFileSync(path.join(folder, `${name}.md`), 'utf8');
    const [title, ...sections] = text.split(/^#+ /m).filter(Boolean);
    expect(title?.trim()).toBe(name);
    expect(sections.map((section) => section.split('\n')[0])).toEqual([
      'What it means',
      'How to look',
      'What to do',
      'When it is over',
    ]);
    for (const section of sections) expect(section.split('\n').slice(1).join('').length).toBeGreaterThan(20);
  });

  it('none requires a workspace: operators have only pods', () => {
    const asking = written.filter((file) =>
      /\bnpm (run|start)/.test(readFileSync(path.join(folder, file), 'utf8')),
    );
    expect(asking).toEqual([]);
  });
});
