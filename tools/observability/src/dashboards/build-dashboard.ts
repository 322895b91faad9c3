// The classic model is what every Grafana from 10 on imports; its successor needs Grafana 12 or newer.
/* eslint-disable @typescript-eslint/no-deprecated */
import * as common from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import * as statPanel from '@grafana/grafana-foundation-sdk/stat';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';
import { layout, type Placed } from './layout.ts';
import type { DashboardFacts, PanelFacts } from './panel-facts.ts';

const SOURCE: common.DataSourceRef = { type: 'prometheus', uid: '${datasource}' };
const TAG = 'mainstay';

/** The dashboard as Grafana imports it. The same facts give the same text. */
export function buildDashboard({ name, title, description, rows }: DashboardFacts): dashboard.Dashboard {
  const builder = new dashboard.DashboardBuilder(`Mainstay: ${title}`)
    .uid(`mainstay-${name}`)
    .description(description)
    .tags([TAG])
    .timezone('browser')
    .readonly()
    .refresh('30s')
    .time({ from: 'now-3h', to: 'now' })
    .tooltip(dashboard.DashboardCursorSync.Crosshair)
    .withVariable(new dashboard.DatasourceVariableBuilder('datasource').label('Prometheus').type('prometheus'))
    .withVariable(
      new dashboard.TextBoxVariableBuilder('runbooks')
        .label('Runbooks at')
        .description('Address of the folder docs/runbooks of this installation')
        .defaultValue('https://docs.example.com/mainstay/runbooks'),
    )
    .link(
      new dashboard.DashboardLinkBuilder('Mainstay')
        .type(dashboard.DashboardLinkType.Dashboards)
        .tags([TAG])
        .asDropdown(true)
        .keepTime(true)
        .includeVars(true),
    );
  for (const [index, placed] of layout(rows).entries()) place(builder, placed, index + 1);
  return builder.build();
}

function place(builder: dashboard.DashboardBuilder, placed: Placed, id: number): void {
  const { at } = placed;
  if ('row' in placed) builder.withRow(new dashboard.RowBuilder(placed.row.title).id(id).gridPos(at));
  else builder.withPanel(panelOf(placed.panel).id(id).gridPos(at));
}

function panelOf(facts: PanelFacts): statPanel.PanelBuilder | timeseries.PanelBuilder {
  return facts.kind === 'stat' ? dressed(statOf(facts), facts) : dressed(graphOf(facts), facts);
}

function statOf({ limits }: PanelFacts): statPanel.PanelBuilder {
  const panel = new statPanel.PanelBuilder().graphMode(common.BigValueGraphMode.Area);
  return limits === undefined ? panel : panel.thresholds(thresholds(limits)).colorMode(common.BigValueColorMode.Background);
}

function graphOf({ unit }: PanelFacts): timeseries.PanelBuilder {
  const legend = new common.VizLegendOptionsBuilder()
    .displayMode(common.LegendDisplayMode.Table)
    .placement(common.LegendPlacement.Bottom)
    .showLegend(true)
    .calcs(['lastNotNull', 'max'])
    .sortBy('Last *')
    .sortDesc(true);
  const panel = new timeseries.PanelBuilder().legend(legend).fillOpacity(8).lineWidth(1).showPoints(common.VisibilityMode.Never);
  return unit === 'percentunit' || unit === 'percent' ? panel.min(0) : panel;
}

/** What all kinds of panels have. */
function dressed<P extends statPanel.PanelBuilder | timeseries.PanelBuilder>(panel: P, facts: PanelFacts): P {
  panel
    .title(facts.title)
    .description(facts.description)
    .unit(facts.unit)
    .datasource(SOURCE)
    .noValue('no data')
    .links(facts.runbooks.map(runbookLink));
  for (const [index, { expr, legend }] of facts.queries.entries()) {
    const query = new DataqueryBuilder()
      .refId(String.fromCharCode(65 + index))
      .expr(expr)
      .legendFormat(legend)
      .datasource(SOURCE);
    panel.withTarget(facts.kind === 'graph' ? query.range().exemplar(expr.includes('_bucket')) : query.instant());
  }
  return panel;
}

function runbookLink(runbook: string): dashboard.DashboardLinkBuilder {
  return new dashboard.DashboardLinkBuilder(`Runbook: ${runbook.replaceAll('-', ' ')}`)
    .type(dashboard.DashboardLinkType.Link)
    .url(`\${runbooks}/${runbook}.md`)
    .targetBlank(true);
}

/** Green, then yellow and red; the other way round where less is worse. */
function thresholds([warning, critical]: readonly [number, number]): dashboard.ThresholdsConfigBuilder {
  const steps =
    warning <= critical
      ? [
          { value: null, color: 'green' },
          { value: warning, color: 'yellow' },
          { value: critical, color: 'red' },
        ]
      : [
          { value: null, color: 'red' },
          { value: critical, color: 'yellow' },
          { value: warning, color: 'green' },
        ];
  return new dashboard.ThresholdsConfigBuilder().mode(dashboard.ThresholdsMode.Absolute).steps(steps);
}
