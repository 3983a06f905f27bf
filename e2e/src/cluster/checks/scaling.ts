import { setTimeout as delay } from "node:timers/promises";
import { type Server, scaleServer } from "../backing.ts";
import { assertNone, type Check, type Scene } from "../check.ts";
import { CHARTED } from "../installations.ts";
import { settled } from "../load.ts";
import { hold, untilReplicas, wantedReplicas } from "../replicas.ts";
import { storeStudies } from "../studies.ts";
import { scalingOf, type Visit, visiting } from "../visit.ts";

const { namespace } = CHARTED;
const WARDS = `${CHARTED.name}-worker-wards`;
const BACKFILL = `${CHARTED.name}-worker-backfill`;
const RESULTS = `${CHARTED.name}-results`;
const GATEWAY = `${CHARTED.name}-gateway`;
const SCALED_WITHIN_MS = 300_000;
/** More than a worker does in the autoscaler's 15 seconds. */
const BURST = 30;
const BACKFILLED = 12;
const POLL_MS = 3_000;
/** Longer than KEDA waits for an answer. */
const ANSWER_WITHIN_MS = 3_000;

/** Backfill from zero and back, wards from one upwards. */
export const scaling: Check = {
  name: "scaling",
  point: "scaling",
  shows: "0 → n → 0 workers for a backfill, 1 → n for STAT, from `GET /scaling`",
  run: ({ cluster }) =>
    visiting(cluster, CHARTED, async (visit) => {
      const backfill = { namespace, name: BACKFILL, withinMs: SCALED_WITHIN_MS };
      await untilReplicas(cluster, backfill, (count) => count === 0);
      await storeStudies(visit, "backfill", BACKFILLED);
      const up = await untilReplicas(cluster, backfill, (count) => count > 0);
      const before = await wantedReplicas(cluster, namespace, WARDS);
      await storeStudies(visit, "stat", BURST);
      const wards = await untilReplicas(
        cluster,
        { ...backfill, name: WARDS },
        (count) => count > before,
      );
      await settled(visit);
      const down = await untilReplicas(cluster, backfill, (count) => count === 0);
      return (
        `backfill 0 → ${up.replicas} after ${up.seconds} s, → 0 ${down.seconds} s after its last task; ` +
        `wards ${before} → ${wards.replicas} after ${wards.seconds} s`
      );
    }),
};

interface Outage {
  readonly what: string;
  readonly take: (scene: Scene) => Promise<void>;
  readonly back: (scene: Scene) => Promise<void>;
  /** Whether `/scaling` has to go on answering. */
  readonly answers: boolean;
}

const server = (name: Server) => ({
  take: ({ cluster }: Scene) => scaleServer(cluster, name, 0),
  back: ({ cluster }: Scene) => scaleServer(cluster, name, 1),
});

const OUTAGES: Readonly<Record<string, Outage>> = {
  results: {
    what: "results",
    take: ({ cluster }) => hold(cluster, { namespace, name: RESULTS }, 0),
    back: async ({ cluster }) => {
      await hold(cluster, { namespace, name: RESULTS }, null);
      await untilReplicas(
        cluster,
        { namespace, name: RESULTS, withinMs: SCALED_WITHIN_MS },
        (count) => count > 0,
      );
    },
    answers: false,
  },
  postgres: { what: "Postgres", ...server("postgres"), answers: false },
  blobs: { what: "the S3 server", ...server("blobs"), answers: true },
  prometheus: {
    what: "Prometheus",
    take: ({ cluster }) => scalePrometheus(cluster, 0),
    back: ({ cluster }) => scalePrometheus(cluster, 1),
    answers: true,
  },
};

async function scalePrometheus(cluster: Scene["cluster"], replicas: number): Promise<void> {
  const patch = JSON.stringify({ spec: { replicas } });
  await cluster.kubectl(
    "patch",
    "prometheus",
    "main",
    "-n",
    "monitoring",
    "--type=merge",
    "--patch",
    patch,
  );
}

/** While it is away, no pool shrinks below what it had, and none at zero starts. */
export const outages: readonly Check[] = Object.entries(OUTAGES).map(([name, outage]) => ({
  name: `outage-${name}`,
  point: "scaling",
  shows: `${outage.what} away: no pool shrinks, none at zero starts, and all of it goes on afterwards`,
  run: (scene) => visiting(scene.cluster, CHARTED, (visit) => sitOut(scene, visit, outage)),
}));

async function sitOut(scene: Scene, visit: Visit, outage: Outage): Promise<string> {
  const { cluster, outageMinutes } = scene;
  await untilReplicas(
    cluster,
    { namespace, name: BACKFILL, withinMs: SCALED_WITHIN_MS },
    (count) => count === 0,
  );
  await storeStudies(visit, "stat", BURST);
  await untilReplicas(
    cluster,
    { namespace, name: WARDS, withinMs: SCALED_WITHIN_MS },
    (count) => count > 1,
  );
  const before = await sizes(cluster);
  await outage.take(scene);
  const slow: string[] = [];
  const shrunk: string[] = [];
  try {
    for (const end = Date.now() + outageMinutes * 60_000; Date.now() < end; await delay(POLL_MS)) {
      if (outage.answers) slow.push(...(await slowAnswers(visit)));
      const now = await sizes(cluster);
      for (const [name, count] of Object.entries(now)) {
        const had = before[name] ?? 0;
        if (count < had) shrunk.push(`${name} went from ${had} to ${count}`);
        if (had === 0 && count > 0) shrunk.push(`${name} was started`);
      }
    }
  } finally {
    await outage.back(scene);
  }
  await settled(visit);
  assertNone("the fleet changed", shrunk);
  assertNone("/scaling", slow);
  const fleet = Object.entries(before).map(
    ([name, count]) => `${name.replace(`${CHARTED.name}-`, "")} ${count}`,
  );
  return `${outageMinutes} minutes with ${fleet.join(", ")}; every task was done afterwards`;
}

async function sizes(cluster: Scene["cluster"]): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const name of [WARDS, BACKFILL, GATEWAY])
    found[name] = await wantedReplicas(cluster, namespace, name);
  return found;
}

async function slowAnswers(visit: Visit): Promise<string[]> {
  const began = Date.now();
  const failure = await scalingOf(visit, "stat").then(
    () => null,
    (error: Error) => error.message,
  );
  const took = Date.now() - began;
  if (failure !== null) return [failure];
  return took > ANSWER_WITHIN_MS ? [`took ${ANSWER_WITHIN_MS / 1_000} s or more`] : [];
}
