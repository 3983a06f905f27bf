import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BackfillSummary, BackfillView } from "@axial/contracts";
import { phantomSeries } from "@axial/testkit";
import { sql } from "kysely";
import { missingPeer, runOrthancLoop } from "./backfill/orthanc-loop.ts";
import { residentOfTree } from "./backfill/resident-of-tree.ts";
import { benchFolder } from "./bench-folder.ts";
import { type BenchOptions, rounded } from "./figures.ts";
import { type Hospital, MODEL, startHospital } from "./hospital/hospital.ts";

const CLI = fileURLToPath(new URL("../../cli/src/main.ts", import.meta.url));
const STUDIES = 5_000;
const QUICK_STUDIES = 10;
const SLICES = 2;
const SIZE = 128;
/** How often progress and memory are looked at. */
const POLL_MS = 250;
/** Shares of the studies that are over at which memory is read. */
const MARKS = [0.01, 0.5, 1];

/**
 * A folder of small studies to rows, by `axial backfill start`: studies and instances a second from
 * the client's start to the last study's end, the share of the time from the first study's start on
 * in which the engine ran a batch, and the memory of client and services on the way. Then the same
 * folder through what one would write instead: dcmsend into Orthanc, and a loop over its REST API.
 */
export async function runBackfill({ quick, studies: wanted }: BenchOptions): Promise<object> {
  const studies = wanted ?? (quick ? QUICK_STUDIES : STUDIES);
  const folder = await benchFolder("backfill");
  try {
    await writeTree(join(folder, "tree"), studies);
    const hospital = await startHospital();
    const figures = await measure(hospital, { folder, studies }).finally(() => hospital.stop());
    return { ...figures, ...(await beside(figures, { folder, studies })) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The peer's figures, after Axial has left the cores to it. */
async function beside(
  { studiesPerSecond }: Pick<Figures, "studiesPerSecond">,
  { folder, studies }: Trial,
): Promise<object> {
  const missing = missingPeer();
  if (missing !== null) return { peerRatio: null, peerSkipped: missing };
  const { seconds, loopMb } = await runOrthancLoop({
    ...{ folder, tree: join(folder, "tree"), instances: studies * SLICES, model: MODEL },
  });
  return {
    peerRatio: rounded(studiesPerSecond / (studies / seconds), 2),
    peer: "dcmsend into Orthanc, a Python loop over its REST API, pydicom, ONNX Runtime",
    peerStudiesPerSecond: rounded(studies / seconds, 1),
    peerSeconds: rounded(seconds, 1),
    peerLoopMb: loopMb,
  };
}

async function writeTree(tree: string, studies: number): Promise<void> {
  for (let index = 0; index < studies; index += 1) {
    const { files } = phantomSeries({ kind: "brain", slices: SLICES, size: SIZE, seed: index });
    const own = join(tree, String(Math.floor(index / 100)), String(index));
    await mkdir(own, { recursive: true });
    for (const [slice, file] of files.entries()) await writeFile(join(own, `${slice}.dcm`), file);
  }
}

interface Trial {
  readonly folder: string;
  readonly studies: number;
}

interface Figures {
  readonly studiesPerSecond: number;
  readonly [figure: string]: unknown;
}

async function measure(hospital: Hospital, { folder, studies }: Trial): Promise<Figures> {
  const began = performance.now();
  const flags = ["--yes", "--models", hospital.model, "--name", "bench"];
  const client = spawn(
    process.execPath,
    [CLI, "backfill", "start", join(folder, "tree"), ...flags],
    {
      env: {
        ...process.env,
        AXIAL_URL: hospital.gateway,
        AXIAL_API_KEY: hospital.key,
        XDG_STATE_HOME: folder,
      },
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    },
  );
  const closed = once(client, "close");
  const resident: object[] = [];
  let clientMb = 0;
  for (;;) {
    const view = await viewOf(hospital);
    const over = view === null ? 0 : view.items.done + view.items.refused + view.items.failed;
    clientMb = Math.max(clientMb, await residentOfTree(client.pid ?? 0));
    for (const at of MARKS.slice(resident.length).filter((mark) => over >= mark * studies)) {
      resident.push({ at, clientMb: rounded(clientMb, 0), ...(await hospital.residentMb()) });
    }
    if (view?.state === "done") break;
    if (client.exitCode !== null && client.exitCode !== 0) throw new Error("the client failed");
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  const seconds = (performance.now() - began) / 1_000;
  await closed;
  const { predictions, busySeconds, sessionSeconds, firstToLast } = await worked(hospital);
  return {
    bench: "backfill",
    studiesPerSecond: rounded(studies / seconds, 1),
    instancesPerSecond: rounded((studies * SLICES) / seconds, 1),
    engineBusy: rounded(busySeconds / firstToLast, 3),
    sessionsBusy: rounded(sessionSeconds / firstToLast, 2),
    residentMb: resident,
    studies,
    slices: SLICES,
    size: SIZE,
    predictions,
    seconds: rounded(seconds, 1),
    firstToLastSeconds: rounded(firstToLast, 1),
    model: hospital.model,
    provider: "cpu",
    queue: hospital.queue,
  };
}

async function viewOf({ gateway, key }: Hospital): Promise<BackfillView | null> {
  const headers = { authorization: `Bearer ${key}` };
  const get = async <T>(path: string) =>
    (await (await fetch(`${gateway}/api/v1/backfills${path}`, { headers })).json()) as T;
  const [backfill] = (await get<{ backfills: BackfillSummary[] }>("")).backfills;
  return backfill === undefined ? null : get<BackfillView>(`/${backfill.id}`);
}

interface Worked {
  readonly predictions: number;
  /** In which at least one session of the engine ran a batch. */
  readonly busySeconds: number;
  /** Of all sessions together: each prediction's images at their share of the time of their batch. */
  readonly sessionSeconds: number;
  /** From the first start of a study to the last prediction. */
  readonly firstToLast: number;
}

/** Times of batches by the worker's clock; those that run side by side count once. */
async function worked({ db }: Hospital): Promise<Worked> {
  const { rows } = await sql<Worked>`
    WITH batch AS (
      SELECT created_at - persist_ms * interval '1 millisecond' AS ended,
        (result #>> '{timings,infer}')::float8 AS ms,
        (result #>> '{batchSizes,-1}')::float8 AS size, jsonb_array_length(result -> 'slices') AS slices
      FROM prediction
    ), span AS (
      SELECT *, ended - ms * interval '1 millisecond' AS began FROM batch
    ), covered AS (
      SELECT *, max(ended) OVER (ORDER BY began, ended
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before FROM span)
    SELECT count(*)::integer AS predictions,
      coalesce(sum(greatest(extract(epoch FROM ended - greatest(began, before)), 0)), 0)::float8
        AS "busySeconds",
      coalesce(sum(ms / size * slices) / 1000, 0)::float8 AS "sessionSeconds",
      extract(epoch FROM max(ended)
        - (SELECT min(started_at) FROM backfill_item))::float8 AS "firstToLast"
    FROM covered`.execute(db);
  return rows[0] ?? { predictions: 0, busySeconds: 0, sessionSeconds: 0, firstToLast: Number.NaN };
}
