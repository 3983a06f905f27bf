import { setTimeout as delay } from "node:timers/promises";
import { eventually } from "@axial/testkit";
import type { Check, Scene } from "../check.ts";
import { isReady, type Pod } from "../cluster.ts";
import { awaitRollouts } from "../installation.ts";
import { CHARTED } from "../installations.ts";
import { underLoad } from "../load.ts";
import { hold, untilReplicas } from "../replicas.ts";
import { storeStudies } from "../studies.ts";
import { visiting } from "../visit.ts";

const { namespace } = CHARTED;
const WARDS = `${CHARTED.name}-worker-wards`;
const NODE = "node-2";
const COST = "controller.kubernetes.io/pod-deletion-cost";
const BEFORE_MS = 15_000;
/** Until the node's pods count as lost: it is noticed after 40 s. */
const KUBELET_AWAY_MS = 70_000;
const READY_WITHIN_MS = 600_000;
const BURST = 30;

const ofComponent = (component: string) => `app.kubernetes.io/component=${component}`;

/** `kubectl drain` under load. */
export const drain: Check = {
  name: "drain",
  point: "disruption",
  shows: "drain of a node under load: the budgets let it end, and nothing is lost",
  run: ({ cluster }) =>
    visiting(cluster, CHARTED, async (visit) => {
      let seconds = 0;
      try {
        const audit = await underLoad(visit, async () => {
          await delay(BEFORE_MS);
          const began = Date.now();
          const flags = ["--ignore-daemonsets", "--delete-emptydir-data", "--timeout=400s"];
          await cluster.kubectl("drain", NODE, ...flags);
          seconds = Math.round((Date.now() - began) / 1_000);
          await delay(BEFORE_MS);
        });
        return `drained in ${seconds} s; ${audit}`;
      } finally {
        await cluster.kubectl("uncordon", NODE);
        await awaitRollouts(cluster, namespace);
      }
    }),
};

/** The eviction API against the budgets. */
export const eviction: Check = {
  name: "eviction",
  point: "disruption",
  shows:
    "evictions of both gateways at once: the budget lets one go and refuses the second until the first is replaced",
  run: async (scene) => {
    const ready = async () =>
      (await scene.cluster.pods(namespace, ofComponent("gateway"))).filter(isReady);
    const pods = await eventually(
      "two gateways are ready",
      async () => {
        const found = await ready();
        return found.length >= 2 ? found : null;
      },
      READY_WITHIN_MS,
    );
    const answers: string[] = [];
    for (const pod of pods.slice(0, 2)) answers.push(await evict(scene, pod));
    await eventually(
      "both are ready again",
      async () => (await ready()).length >= 2,
      READY_WITHIN_MS,
    );
    const wanted = pods.length === 2 ? ["evicted", "refused"] : null;
    if (wanted !== null && answers.join() !== wanted.join())
      throw new Error(`evictions: ${answers}`);
    return `of ${pods.length} gateways: ${answers.join(", ")}`;
  },
};

async function evict({ cluster }: Scene, { metadata: { name } }: Pod): Promise<string> {
  const input = JSON.stringify({
    apiVersion: "policy/v1",
    kind: "Eviction",
    metadata: { name, namespace },
  });
  const path = `/api/v1/namespaces/${namespace}/pods/${name}/eviction`;
  try {
    await cluster.run("kubectl", ["create", "--raw", path, "--filename", "-"], { input });
    return "evicted";
  } catch (error) {
    if (error instanceof Error && error.message.includes("disruption budget")) return "refused";
    throw error;
  }
}

/** kill -9 of a kubelet under load, until Kubernetes takes the node for lost. */
export const kubelet: Check = {
  name: "kubelet",
  point: "disruption",
  shows: "kill −9 of a node's kubelet under load, started again after the node was taken for lost",
  run: ({ cluster }) =>
    visiting(cluster, CHARTED, async (visit) => {
      let noticed = "not noticed";
      const audit = await underLoad(visit, async () => {
        await delay(BEFORE_MS);
        await cluster.script("crash", "2", "kubelet");
        await delay(KUBELET_AWAY_MS);
        const ready = [
          "get",
          "node",
          NODE,
          "-o",
          'jsonpath={.status.conditions[?(@.type=="Ready")].status}',
        ];
        noticed = await cluster.kubectl(...ready);
        await cluster.script("up");
      });
      await awaitRollouts(cluster, namespace);
      return `node Ready=${noticed} after ${KUBELET_AWAY_MS / 1_000} s; ${audit}`;
    }),
};

/** What a scale-down removes. */
export const deletionCost: Check = {
  name: "deletion-cost",
  point: "disruption",
  shows:
    "a scale-down removes the workers with the least work, by the cost that each writes to its own pod",
  run: ({ cluster }) =>
    visiting(cluster, CHARTED, async (visit) => {
      const scaled = { namespace, name: WARDS };
      const workers = () => cluster.pods(namespace, "axial.dev/pool=wards");
      try {
        await hold(cluster, scaled, 3);
        await untilReplicas(
          cluster,
          { ...scaled, withinMs: READY_WITHIN_MS },
          (count) => count === 3,
        );
        await eventually(
          "three workers are ready",
          async () => {
            const pods = await workers();
            return pods.length === 3 && pods.every(isReady);
          },
          READY_WITHIN_MS,
        );
        let seen = "";
        const audit = await underLoad(visit, async () => {
          await storeStudies(visit, "routine", BURST);
          const before = await eventually(
            "workers differ in what they hold",
            async () => {
              const pods = await workers();
              return new Set(pods.map(costOf)).size > 1 ? pods : null;
            },
            READY_WITHIN_MS,
          );
          await hold(cluster, scaled, 2);
          const left = await eventually(
            "one was removed",
            async () => {
              const pods = await workers();
              return pods.length === 2 ? new Set(pods.map(({ metadata }) => metadata.name)) : null;
            },
            READY_WITHIN_MS,
          );
          const costs = (kept: boolean) =>
            before.filter(({ metadata }) => left.has(metadata.name) === kept).map(costOf);
          seen = `removed the one with cost ${costs(false).join()}, kept ${costs(true).join(" and ")}`;
          if (Math.max(...costs(false)) > Math.max(...costs(true))) throw new Error(seen);
        });
        return `${seen}; ${audit}`;
      } finally {
        await hold(cluster, scaled, null);
      }
    }),
};

const costOf = ({ metadata }: Pod) => Number(metadata.annotations?.[COST] ?? 0);
