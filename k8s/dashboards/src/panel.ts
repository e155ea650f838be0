import { PanelBuilder as BarGauge } from '@grafana/grafana-foundation-sdk/bargauge';
import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  BigValueColorMode,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  DashboardLinkBuilder,
  DashboardLinkType,
  type Panel,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as Stat } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TimeSeries } from '@grafana/grafana-foundation-sdk/timeseries';
import { datasource } from './frame';

/** One panel. All that differs between panels is said here; how panels look is said once, below. */
export interface PanelSpec {
  readonly kind?: 'lines' | 'number' | 'bars';
  readonly title: string;
  /** What it shows and what is normal, for somebody who sees it for the first time. */
  readonly about: string;
  /** A unit of Grafana, as `s`, `reqps`, `percentunit`, `bytes`, `short`. */
  readonly unit: string;
  /** PromQL and legend. */
  readonly queries: readonly (readonly [expression: string, legend: string])[];
  /** Of 24 columns. Default 8, numbers 4. */
  readonly width?: number;
  /** Rows of 30 px. Default 8, numbers 4. */
  readonly height?: number;
  /** From this value on it is a warning, and an error. With `falling`, below it. */
  readonly warn?: number;
  readonly error?: number;
  readonly falling?: boolean;
  readonly stacked?: boolean;
  readonly max?: number;
  readonly decimals?: number;
  /** Marks single requests of the last query that lead to their traces. Those of each would hide the lines. */
  readonly exemplars?: boolean;
  /** The alert whose runbook says what to do. */
  readonly runbook?: string;
}

export function panel(spec: PanelSpec): Builder<Panel> {
  const builder =
    spec.kind === 'number' ? numberPanel(spec) : spec.kind === 'bars' ? barsPanel() : linesPanel(spec);
  builder
    .title(spec.title)
    .description(spec.about)
    .datasource(datasource)
    .unit(spec.unit)
    .min(0)
    .span(spec.width ?? (spec.kind === 'number' ? 4 : 8))
    .height(spec.height ?? (spec.kind === 'number' ? 4 : 8))
    .thresholds(thresholds(spec));
  if (spec.max !== undefined) builder.max(spec.max);
  if (spec.decimals !== undefined) builder.decimals(spec.decimals);
  if (spec.runbook)
    builder.links([
      new DashboardLinkBuilder(`Runbook: ${spec.runbook}`)
        .type(DashboardLinkType.Link)
        .url(`\${runbooks}/${spec.runbook}.md`)
        .targetBlank(true),
    ]);
  for (const [index, [expression, legend]] of spec.queries.entries()) {
    const query = new DataqueryBuilder()
      .expr(expression)
      .legendFormat(legend)
      .refId(String.fromCharCode(65 + index))
      .datasource(datasource);
    if (spec.kind === 'bars') query.instant();
    else query.range();
    if (spec.exemplars && index === spec.queries.length - 1) query.exemplar(true);
    builder.withTarget(query);
  }
  return builder;
}

function linesPanel({ stacked, warn, error, queries }: PanelSpec) {
  const builder = new TimeSeries()
    .lineWidth(stacked ? 1 : 2)
    .fillOpacity(stacked ? 40 : 6)
    .spanNulls(false)
    .axisSoftMin(0)
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending))
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .showLegend(queries.length > 0),
    );
  if (stacked) builder.stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'));
  if (warn !== undefined || error !== undefined)
    builder.thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed));
  return builder;
}

const last = () => new ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false);

const numberPanel = ({ warn, error }: PanelSpec) =>
  new Stat()
    .colorMode(
      warn === undefined && error === undefined ? BigValueColorMode.Value : BigValueColorMode.Background,
    )
    .reduceOptions(last());

const barsPanel = () => new BarGauge().reduceOptions(last());

/** Green, then orange, then red; the other way round where less is worse. */
function thresholds({ warn, error, falling = false, kind }: PanelSpec) {
  const calm =
    kind === 'lines' || kind === undefined
      ? 'green'
      : warn === undefined && error === undefined
        ? 'blue'
        : 'green';
  const steps: { value: number | null; color: string }[] = falling
    ? [
        { value: null, color: 'red' },
        ...(error === undefined ? [] : [{ value: error, color: 'orange' }]),
        { value: warn ?? error ?? 0, color: 'green' },
      ]
    : [
        { value: null, color: calm },
        ...(warn === undefined ? [] : [{ value: warn, color: 'orange' }]),
        ...(error === undefined ? [] : [{ value: error, color: 'red' }]),
      ];
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps);
}
