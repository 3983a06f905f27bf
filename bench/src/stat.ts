import type { TenantId } from "@axial/contracts";
import { sql } from "kysely";
import { type BenchOptions, quantiles, rounded } from "./figures.ts";
import { Backfill } from "./hospital/backfill.ts";
import { type Hospital, startHospital } from "./hospital/hospital.ts";
import { medianStages } from "./hospital/stages.ts";
import { type StatStudy, sendStat } from "./hospital/stat-study.ts";

const STUDIES = 100;
const WARM_UP = 10;
const TENANTS = ["hospital-a", "hospital-b"] as TenantId[];

/**
 * STAT studies of one image, from the answer to their request to their result: on an idle system,
 * and while the backfills of two tenants keep the worker's device and the lanes' windows full.
 * Beside it the time of one backfill batch, which is what STAT may have to wait for.
 */
export async function runStat({ quick }: BenchOptions): Promise<object> {
  const hospital = await startHospital();
  try {
    const count = quick ? 3 : STUDIES;
    await measure(hospital, { from: 0, count: quick ? 1 : WARM_UP });
    const idle = await measure(hospital, { from: 1_000, count });
    const backfill = await Backfill.start(hospital, TENANTS, { quick });
    const loaded = await measure(hospital, {
      from: 2_000,
      count,
      beforeEach: () => backfill.refill(),
    });
    const batchMs = await medianBatch(hospital);
    const [calm, busy] = [idle, loaded].map((all) => quantiles(all.map((one) => one.afterAnswer)));
    return {
      bench: "stat",
      idleP99Ms: calm?.p99,
      loadedP99Ms: busy?.p99,
      batchMs,
      batchesOfDifference: rounded(((busy?.p99 ?? 0) - (calm?.p99 ?? 0)) / batchMs, 2),
      idleMs: calm,
      loadedMs: busy,
      idleStagesMs: medianStages(idle.map((one) => one.stages)),
      loadedStagesMs: medianStages(loaded.map((one) => one.stages)),
      studies: count,
      backfillPredictions: await backfill.predictions(),
      model: hospital.model,
      provider: "cpu",
      queue: hospital.queue,
    };
  } finally {
    await hospital.stop();
  }
}

interface Samples {
  readonly from: number;
  readonly count: number;
  readonly beforeEach?: () => Promise<void>;
}

async function measure(hospital: Hospital, samples: Samples): Promise<StatStudy[]> {
  const studies: StatStudy[] = [];
  for (let index = 0; index < samples.count; index++) {
    await samples.beforeEach?.();
    studies.push(await sendStat(hospital, samples.from + index));
  }
  return studies;
}

/** The time on the device of the batches that backfill slices were in, as their tasks say. */
async function medianBatch({ db }: Hospital): Promise<number> {
  const { rows } = await sql<{ milliseconds: number }>`
    SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY (result #>> '{timings,infer}')::float8
      / jsonb_array_length(result -> 'batchSizes')) AS milliseconds
    FROM prediction WHERE tenant_id = ANY(${TENANTS})`.execute(db);
  return rounded(rows[0]?.milliseconds ?? Number.NaN, 1);
}
