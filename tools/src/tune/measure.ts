import { AxialError } from "@axial/contracts";
import { openStages, type StagesOptions } from "@axial/worker/engine";

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
  /** DICOM files, run through the model repeatedly. */
  readonly files: readonly string[];
  /** Images of one measurement, over all engines. */
  readonly images: number;
}

/** The engine's options that no candidate changes. */
export type EngineBasis = Omit<
  StagesOptions,
  "packages" | "source" | "sessions" | "sessionThreads" | "batchImages" | "models"
>;

const MS_PER_SECOND = 1_000;
/** Tasks handed to an engine at once: enough for every thread and the next batches. */
const IN_FLIGHT = 8;

/** Engines that are open and warm: shows them the workload once for each call of `rate`. */
export interface OpenCandidate {
  /** Images per second from files to probabilities. */
  rate(): Promise<number>;
  close(): Promise<void>;
}

/**
 * Images per second of a candidate from files to probabilities, through the engine's own stages.
 * Throws the errors of loading the package.
 */
export async function measure(
  candidate: Candidate,
  workload: Workload,
  basis: EngineBasis,
): Promise<number> {
  const open = await openCandidate(candidate, workload, basis);
  try {
    return await open.rate();
  } finally {
    await open.close();
  }
}

/** Opens a candidate's engines and shows them a first batch; throws as `measure` does. */
export async function openCandidate(
  candidate: Candidate,
  { folder, files, images }: Workload,
  basis: EngineBasis,
): Promise<OpenCandidate> {
  const engines: Engine[] = [];
  const close = async () => void (await Promise.all(engines.map((engine) => engine.close())));
  const showAll = (each: number) => Promise.all(engines.map((engine) => show(engine, files, each)));
  try {
    for (let index = 0; index < candidate.engines; index++) {
      engines.push(await openEngine(candidate, folder, basis));
    }
    // Threads start, caches fill and allocators grow once.
    await showAll(candidate.batchImages);
  } catch (error) {
    await close();
    throw error;
  }
  const each = Math.ceil(images / candidate.engines);
  const rate = async () => {
    const started = performance.now();
    await showAll(each);
    return (each * candidate.engines * MS_PER_SECOND) / (performance.now() - started);
  };
  return { rate, close };
}

async function openEngine(candidate: Candidate, folder: string, basis: EngineBasis) {
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
