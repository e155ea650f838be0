import { objectives } from '../../alerts/src/objectives';
import { dashboard } from './frame';
import { panel } from './panel';
import { metric } from './promql';

export const slos = dashboard({
  name: 'slos',
  title: 'Objectives',
  about: 'What was promised, what is kept, and how fast the budget of the month burns.',
  rows: objectives.map(({ slo, who, about, target, alert }) => {
    const where = `slo="${slo}", service${who === 'buy' ? '=' : '!='}"buy"`;
    return {
      title: about,
      panels: [
        panel({
          kind: 'bars',
          title: 'Error budget left, 30 days',
          unit: 'percentunit',
          width: 8,
          max: 1,
          falling: true,
          warn: 0.25,
          error: 0.01,
          runbook: alert,
          about: `1 is untouched, 0 is used up. Objective: ${target * 100} %.`,
          queries: [
            [
              `clamp_min(1 - ${metric('bulkhead:slo_errors:ratio_rate30d', where)} / ${(1 - target).toFixed(4)}, 0)`,
              '{{service}}',
            ],
          ],
        }),
        panel({
          title: 'Burn rate, 1 hour',
          unit: 'short',
          width: 8,
          warn: 6,
          error: 14.4,
          runbook: alert,
          about:
            'At 1 the budget lasts just the month; at 14.4 a month’s budget is gone in two days, and somebody is woken.',
          queries: [
            [
              `${metric('bulkhead:slo_errors:ratio_rate1h', where)} / ${(1 - target).toFixed(4)}`,
              '{{service}}',
            ],
          ],
        }),
        panel({
          title: 'Error ratio, 5 minutes',
          unit: 'percentunit',
          width: 8,
          warn: 1 - target,
          runbook: alert,
          about: 'The line is the objective.',
          queries: [[metric('bulkhead:slo_errors:ratio_rate5m', where), '{{service}}']],
        }),
      ],
    };
  }),
});
