import { objectives } from './objectives';
import { type Alert, type Group, isAlert } from './rule';
import { burnAlerts, burnAlertsOf, recordingsOf } from './slo-rules';
import { absent, symptoms } from './symptoms';

/**
 * What a service that is installed alone brings: the rules of the shop that are about it, asking for its own series only,
 * so that those of two services in one Prometheus neither record one series twice nor alert twice. Buying is watched where
 * it is measured.
 */
export function groupsOf(service: string): readonly Group[] {
  const its = objectives.filter(({ of }) => !of || of === service);
  const recorded = its.map((each) => ({
    ...each,
    requests: asking(each.requests, service),
    errors: asking(each.errors, service),
  }));
  const buying = its.filter(({ who }) => who === 'buy').map(({ slo }) => `{slo="${slo}", service="buy"}`);
  const own = (rules: readonly Alert[]) => rules.map((alert) => about(alert, service));
  const felt = symptoms.rules.filter(isAlert).filter(({ of }) => !of || of === service);
  return [
    recordingsOf(recorded, [`{service="${service}"}`, ...buying]),
    { name: burnAlerts.name, rules: own(its.flatMap(burnAlertsOf)) },
    { name: symptoms.name, rules: own(felt) },
  ];
}

const about = (alert: Alert, service: string): Alert => ({
  ...alert,
  expr: alert.alert === 'ServiceAbsent' ? absent(service) : asking(alert.expr, service),
});

/** Names of series have an underscore or a colon, but for `up`; a name before a parenthesis is a function's. */
const selector = /(?<![\w:])(up|[a-z][a-z0-9]*(?:[_:]+[a-z0-9]+)+)(?![\w:]|\s*\()(?:\{([^}]*)\})?/g;

/** The same question, about the series of one service; what is asked about buying stays so. */
const asking = (expr: string, service: string) =>
  expr.replace(selector, (_all, name: string, matchers: string | undefined = '') => {
    const others = matchers.replace(/(, )?service!="buy"/, '');
    if (/service="/.test(others)) return `${name}{${others}}`;
    return `${name}{${[others, `service="${service}"`].filter(Boolean).join(', ')}}`;
  });
