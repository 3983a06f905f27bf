import type { Check } from "../check.ts";
import { createSecret, installChart, prepare } from "../installation.ts";
import { CHARTED } from "../installations.ts";
import { postJson, visiting } from "../visit.ts";

/** `helm install` of the chart from nothing, and the key that KEDA asks with. */
export const install: Check = {
  name: "install",
  point: "rollouts",
  shows:
    "`helm install` in a namespace that enforces `restricted`: the hook migrates with a role of its own, services wait for the schema and run without rights to change it",
  run: async ({ cluster }) => {
    await prepare(cluster, CHARTED);
    const began = Date.now();
    await installChart(cluster, CHARTED);
    const seconds = Math.round((Date.now() - began) / 1_000);
    await visiting(cluster, CHARTED, async (visit) => {
      const body = { name: "keda", role: "reader", tenant: "default" };
      const { key } = await postJson<{ key: string }>(visit, "/api/v1/keys", body);
      const { namespace } = CHARTED;
      await createSecret(cluster, { namespace, name: "axial-scaling", stringData: { key } });
    });
    return `everything was ready ${seconds} s after \`helm install\``;
  },
};

/** `helm test`. */
export const helmTest: Check = {
  name: "helm-test",
  point: "rollouts",
  shows: "`helm test`: every service is ready, and the door asks for a key",
  run: async ({ cluster }) => {
    const flags = ["--namespace", CHARTED.namespace, "--timeout", "300s"];
    const { stdout } = await cluster.helm("test", CHARTED.name, ...flags);
    const phases = stdout.match(/Phase:\s+\w+/g) ?? [];
    if (phases.some((phase) => !phase.endsWith("Succeeded"))) throw new Error(stdout);
    return `${phases.length} hooks succeeded`;
  },
};
