import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { DASHBOARDS } from "./dashboards.ts";
import { dashboardJson } from "./panel.ts";

/** Writes deploy/grafana/dashboards/*.json, which Grafana is provisioned with. */
for (const [name, dashboard] of Object.entries(DASHBOARDS)) {
  const file = fileURLToPath(new URL(`../../grafana/dashboards/${name}.json`, import.meta.url));
  writeFileSync(file, `${JSON.stringify(dashboardJson(dashboard), null, 2)}\n`);
  console.log(file);
}
