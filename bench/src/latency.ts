import { type BenchOptions, median, quantiles, rounded } from "./figures.ts";
import { startHospital } from "./hospital/hospital.ts";
import { medianStages, type Stages } from "./hospital/stages.ts";
import { type StatStudy, sendStat } from "./hospital/stat-study.ts";

const STUDIES = 60;
/** Until code is compiled, connections are open and the model has run. */
const WARM_UP = 10;

/**
 * One STAT image of one small study on an idle system, from the request to the result that a
 * reader sees, one after the other; and how long each stage took.
 */
export async function runLatency({ quick }: BenchOptions): Promise<object> {
  const hospital = await startHospital();
  try {
    const studies: StatStudy[] = [];
    const warmUp = quick ? 1 : WARM_UP;
    for (let seed = 1; seed <= warmUp + (quick ? 3 : STUDIES); seed++) {
      const study = await sendStat(hospital, seed);
      if (seed > warmUp) studies.push(study);
    }
    const stages = studies.map((study) => study.stages);
    const total = quantiles(studies.map((study) => study.total));
    return {
      bench: "latency",
      p50Ms: total.p50,
      p95Ms: total.p95,
      queuePlanPersistMs: rounded(median(stages.map(overhead)), 1),
      stagesMs: {
        accept: rounded(median(studies.map((study) => study.accepted)), 1),
        ...medianStages(stages),
      },
      studies: studies.length,
      model: hospital.model,
      provider: "cpu",
      queue: hospital.queue,
      instance: "320×320, 16 bits allocated, uncompressed MR",
    };
  } finally {
    await hospital.stop();
  }
}

/** The control plane's part of a study's time. */
function overhead({ plan, dispatch, queue, persist }: Stages): number {
  return plan + dispatch + queue + persist;
}
