import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  AnnotationQueryBuilder,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  ConstantVariableBuilder,
  DatasourceVariableBuilder,
  type Panel,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';

export const datasource = { type: 'prometheus', uid: '${datasource}' } as const;

/** Stands where the address of the published docs/runbooks comes; the chart puts its value in. */
export const runbookBase = 'https://runbooks.shop.example';

export interface DashboardSpec {
  /** Also the name of its file and of its picture. */
  readonly name: string;
  readonly title: string;
  readonly about: string;
  /** Rows with their panels, in order. */
  readonly rows: readonly { readonly title: string; readonly panels: readonly Builder<Panel>[] }[];
  /** Whether one may choose services. */
  readonly byService?: boolean;
}

/** A dashboard with the variables, links and habits that all of them share. */
export function dashboard({ name, title, about, rows, byService = false }: DashboardSpec): Dashboard {
  const builder = new DashboardBuilder(`Bulkhead / ${title}`)
    .uid(`bulkhead-${name}`)
    .description(about)
    .tags(['bulkhead'])
    .timezone('browser')
    .refresh('30s')
    .time({ from: 'now-1h', to: 'now' })
    .tooltip(DashboardCursorSync.Crosshair)
    .readonly()
    .withVariable(new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'))
    .withVariable(choice('namespace', 'Namespace', 'label_values(up{job="bulkhead"}, namespace)'))
    .withVariable(new ConstantVariableBuilder('runbooks').value(runbookBase))
    .link(
      new DashboardLinkBuilder('Dashboards')
        .type(DashboardLinkType.Dashboards)
        .tags(['bulkhead'])
        .asDropdown(true)
        .includeVars(true)
        .keepTime(true),
    )
    .annotation(
      new AnnotationQueryBuilder()
        .name('Alerts')
        .datasource(datasource)
        .enable(true)
        .iconColor('red')
        .expr('ALERTS{alertstate="firing", severity="page", namespace=~"$namespace"}'),
    );
  if (byService)
    builder.withVariable(
      choice('service', 'Service', 'label_values(up{job="bulkhead", namespace=~"$namespace"}, service)'),
    );
  for (const row of rows) {
    builder.withRow(new RowBuilder(row.title));
    for (const each of row.panels) builder.withPanel(each);
  }
  return builder.build();
}

const choice = (name: string, label: string, query: string) =>
  new QueryVariableBuilder(name)
    .label(label)
    .datasource(datasource)
    .query(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    // Also what has no such label: a shop outside a cluster.
    .allValue('.*')
    .current({ selected: true, text: ['All'], value: ['$__all'] });
