import { AxialError } from "@axial/contracts";
import { openStages, type StagesOptions } from "../engine/stages.ts";

/** One way to run a model on this machine. */
export interface Candidate {
  /** Engines side by side, each with `sessions` sessions of `sessionThreads` threads. */
  readonly engines: number;
  readonly sessions: number;
  readonly sessionThreads: number;
  readonly batchImages: number;
}

export interface Workload {
  /** Folder of the model package. */
  readonly folder: string;
  /** DICOM files, shown to the model again and again. */
  readonly files: readonly string[];
  /** Images of one measurement, over all engines. */
  readonly images: number;
}

/** The engine's options that a candidate does not decide. */
export type EngineBasis = Omit<
  StagesOptions,
  "packages" | "source" | "sessions" | "sessionThreads" | "batchImages" | "onBatch" | "models"
>;

const MS_PER_SECOND = 1_000;
/** Tasks handed to an engine at once: enough for every thread and the next batches. */
const IN_FLIGHT = 8;

/**
 * Images per second of a candidate from files to probabilities, through the engine's own stages.
 * Throws what a package throws that does not load.
 */
export async function measure(
  candidate: Candidate,
  workload: Workload,
  basis: EngineBasis,
): Promise<number> {
  const engines = [];
  try {
    for (let index = 0; index < candidate.engines; index++) {
      engines.push(await openEngine(candidate, workload, basis));
    }
    const each = Math.ceil(workload.images / candidate.engines);
    // Threads start, caches fill and allocators grow once.
    await Promise.all(engines.map((engine) => show(engine, workload.files, candidate.batchImages)));
    const started = performance.now();
    await Promise.all(engines.map((engine) => show(engine, workload.files, each)));
    return (each * candidate.engines * MS_PER_SECOND) / (performance.now() - started);
  } finally {
    await Promise.all(engines.map((engine) => engine.close()));
  }
}

async function openEngine(candidate: Candidate, { folder }: Workload, basis: EngineBasis) {
  const { engines, sessions, sessionThreads, batchImages } = candidate;
  const stages = await openStages({
    ...basis,
    packages: [folder],
    source: { kind: "files" },
    decodeThreads: Math.max(1, Math.floor(basis.decodeThreads / engines)),
    sessions,
    sessionThreads,
    batchImages,
    models: {},
  });
  if (!("failures" in stages)) return stages;
  const [failure] = stages.failures;
  throw new AxialError(failure?.code ?? "invalid-model", { detail: failure?.detail ?? "" });
}

type Engine = Awaited<ReturnType<typeof openEngine>>;

/** Shows `images` images, in tasks of as many slices as there are files. */
async function show(engine: Engine, files: readonly string[], images: number): Promise<void> {
  const [model] = engine.models;
  if (model === undefined) throw new AxialError("model-not-found");
  let next = 0;
  const take = async (): Promise<void> => {
    while (next < images) {
      const from = next;
      next += files.length;
      const slices = files
        .slice(0, images - from)
        .map((source) => ({ source, frame: 0, kind: "dicom" as const }));
      const key = String(from);
      await engine.flow.see({ key, model, lane: "routine", isolate: false, slices });
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, take));
}
