/** One panel as this repository writes it down; `dashboard` makes Grafana's form of it. */
export interface Panel {
  readonly title: string;
  readonly unit: string;
  /** Legend and PromQL expression of each line. */
  readonly queries: readonly (readonly [legend: string, expression: string])[];
  readonly kind?: "timeseries" | "stat";
  /** Of 24 columns. */
  readonly width?: number;
}

/** Labels that a reader may choose values of, each with a metric that has all of them. */
const LABELS = {
  lane: "axial_lane_workers",
  model: "axial_results_total",
  tenant: "axial_tenant_tasks",
  pool: "axial_pool_workers",
  kind: "axial_deliveries_total",
  site: "axial_quality_results",
} as const;
type TemplateLabel = keyof typeof LABELS;

export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  /** Variables beside the data source; a query uses one as `lane=~"$lane"`. */
  readonly labels?: readonly TemplateLabel[];
  readonly panels: readonly Panel[];
}

const COLUMNS = 24;
const DEFAULT_WIDTH = 8;
const HEIGHT = { timeseries: 8, stat: 4 } as const;
/** Chosen on the page, where Grafana has several. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana's own placeholder
const SOURCE = { type: "prometheus", uid: "${datasource}" };
const DATASOURCE = {
  name: "datasource",
  label: "Data source",
  type: "datasource",
  query: "prometheus",
  hide: 0,
};

/** The dashboard as the JSON that Grafana is provisioned with: panels in rows, left to right. */
export function dashboardJson({ uid, title, labels = [], panels }: Dashboard): object {
  let x = 0;
  let y = 0;
  let rowHeight = 0;
  const placed = panels.map((panel, index) => {
    const { kind = "timeseries", width = DEFAULT_WIDTH } = panel;
    if (x + width > COLUMNS) {
      x = 0;
      y += rowHeight;
      rowHeight = 0;
    }
    const position = { x, y, w: width, h: HEIGHT[kind] };
    x += width;
    rowHeight = Math.max(rowHeight, HEIGHT[kind]);
    return panelJson(panel, { id: index + 1, kind, position });
  });
  return {
    uid,
    title,
    tags: ["axial"],
    schemaVersion: 41,
    editable: false,
    refresh: "15s",
    time: { from: "now-3h", to: "now" },
    templating: { list: [DATASOURCE, ...labels.map(variable)] },
    panels: placed,
  };
}

function variable(label: TemplateLabel): object {
  const query = `label_values(${LABELS[label]}, ${label})`;
  return {
    name: label,
    label,
    type: "query",
    datasource: SOURCE,
    query: { query, refId: label },
    definition: query,
    refresh: 2,
    sort: 1,
    multi: true,
    includeAll: true,
    allValue: ".*",
    current: { text: "All", value: "$__all" },
    hide: 0,
  };
}

interface Placement {
  readonly id: number;
  readonly kind: "timeseries" | "stat";
  readonly position: object;
}

function panelJson(panel: Panel, { id, kind, position }: Placement): object {
  return {
    id,
    type: kind,
    title: panel.title,
    datasource: SOURCE,
    gridPos: position,
    fieldConfig: { defaults: { unit: panel.unit, min: 0 }, overrides: [] },
    options: kind === "stat" ? { reduceOptions: { calcs: ["lastNotNull"] } } : {},
    targets: panel.queries.map(([legendFormat, expr], index) => ({
      refId: String.fromCharCode("A".charCodeAt(0) + index),
      datasource: SOURCE,
      legendFormat,
      expr,
    })),
  };
}
