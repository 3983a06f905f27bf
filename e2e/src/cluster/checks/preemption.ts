import { eventually } from "@axial/testkit";
import type { Check, Scene } from "../check.ts";
import { isReady } from "../cluster.ts";
import { CHARTED } from "../installations.ts";
import { underLoad } from "../load.ts";
import { hold } from "../replicas.ts";
import { visiting } from "../visit.ts";

const { namespace } = CHARTED;
const WARDS = `${CHARTED.name}-worker-wards`;
const READY_WITHIN_MS = 600_000;

/** A worker of backfill gives way to one of STAT. */
export const preemption: Check = {
  name: "preemption",
  point: "disruption",
  shows:
    "on full nodes a worker for STAT takes the place of one for backfill, whose work is done later",
  run: ({ cluster }) =>
    visiting(cluster, CHARTED, async (visit) => {
      const backfill = { namespace, name: `${CHARTED.name}-worker-backfill` };
      const wards = { namespace, name: WARDS };
      try {
        let seen = "";
        const audit = await underLoad(visit, async () => {
          await hold(cluster, backfill, 2);
          await eventually(
            "workers for backfill run",
            async () => {
              const pods = await cluster.pods(namespace, "axial.dev/pool=backfill");
              return pods.length === 2 && pods.every(isReady);
            },
            READY_WITHIN_MS,
          );
          await fill(cluster);
          const before = await cluster.pods(namespace, "axial.dev/pool=backfill");
          await hold(cluster, wards, 3);
          const victims = await eventually(
            "a worker was preempted",
            async () => {
              const events = await cluster.get<
                { reason: string; involvedObject: { name: string } }[]
              >("events", "-n", namespace, "--field-selector", "reason=Preempted");
              const found = events.filter(({ involvedObject }) =>
                involvedObject.name.includes("backfill"),
              );
              return found.length > 0 ? found : null;
            },
            READY_WITHIN_MS,
          );
          seen = `${victims.length} of ${before.length} gave way`;
          await cluster.kubectl("delete", "deployment", "filler", "-n", namespace, "--wait=true");
        });
        return `${seen}; ${audit}`;
      } finally {
        await cluster.kubectl(
          "delete",
          "deployment",
          "filler",
          "-n",
          namespace,
          "--ignore-not-found",
        );
        await hold(cluster, backfill, null);
        await hold(cluster, wards, null);
      }
    }),
};

interface Node {
  readonly metadata: { readonly name: string };
  readonly status: { readonly allocatable: { readonly cpu: string } };
}

/** Pods that leave no room for a worker on either node. */
async function fill(cluster: Scene["cluster"]): Promise<void> {
  const nodes = await cluster.get<Node[]>("nodes");
  const cores = nodes.reduce((sum, { status }) => sum + Number(status.allocatable.cpu), 0);
  await cluster.apply(JSON.stringify(filler(cores * 20)));
  await eventually(
    "the nodes are full",
    async () => {
      const pods = await cluster.pods(namespace, "app=filler");
      return pods.some(({ status }) =>
        status.conditions?.some(
          ({ type, status: is }) => type === "PodScheduled" && is === "False",
        ),
      );
    },
    READY_WITHIN_MS,
  );
}

/** Waits, at a twentieth of a core each, in the priority class of what serves. */
function filler(replicas: number): object {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "filler", namespace },
    spec: {
      replicas,
      selector: { matchLabels: { app: "filler" } },
      template: {
        metadata: { labels: { app: "filler" } },
        spec: {
          priorityClassName: `${namespace}-${CHARTED.name}-stat`,
          terminationGracePeriodSeconds: 0,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 10001,
            seccompProfile: { type: "RuntimeDefault" },
          },
          containers: [
            {
              name: "pause",
              image: "cluster.local/pause:1",
              imagePullPolicy: "Never",
              resources: { requests: { cpu: "100m", memory: "1Mi" } },
              securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
            },
          ],
        },
      },
    },
  };
}
