import { runbookBase } from '../../dashboards/src/frame';
import { type Alert, type Group, isAlert, type Recording } from './rule';
import { burnAlerts, recordings } from './slo-rules';
import { symptoms } from './symptoms';

export const groups: readonly Group[] = [recordings, burnAlerts, symptoms];
export const alerts: readonly Alert[] = groups.flatMap(({ rules }) => rules.filter(isAlert));

/** A group as Prometheus reads it. */
export const ruleGroup = ({ name, rules }: Group) => ({ name, interval: '30s', rules: rules.map(plain) });

function plain(rule: Recording | Alert) {
  if (!isAlert(rule)) return rule;
  const { alert, expr, labels, severity, summary, description, dashboard } = rule;
  return {
    alert,
    expr,
    for: rule.for,
    labels: { severity, ...labels },
    annotations: {
      summary,
      description,
      runbook_url: `${runbookBase}/${alert}.md`,
      dashboard: `/d/bulkhead-${dashboard}`,
    },
  };
}
