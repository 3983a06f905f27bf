import {
  devicesOf,
  machineKey,
  parseProviders,
  readTuning,
  type Tuning,
  usableCpus,
  writeTuning,
} from "@axial/worker";
import { type AvailableProviders, availableProviders } from "./available-provider.ts";
import { candidates } from "./candidates.ts";
import { type Candidate, type EngineBasis, measure, type Workload } from "./measure.ts";

const MEGABYTE = 1 << 20;

export interface TuneOptions extends Workload {
  readonly modelId: string;
  /** Execution providers in order, as for a worker. */
  readonly providers: string;
  readonly batchSizes: readonly number[];
  readonly engines: readonly number[];
  /** Rounds per candidate, alternating; the median counts. */
  readonly rounds: number;
  /** The file for the workers; nothing is written without it. */
  readonly file?: string;
  onProgress?(done: number, total: number): void;
}

interface Measured extends Candidate {
  readonly imagesPerSecond: number;
}

export interface TuningReport {
  readonly machine: string;
  /** The provider that was measured. */
  readonly provider: string;
  /** Those that were asked for before it and do not work here. */
  readonly unavailable: AvailableProviders["unavailable"];
  readonly model: string;
  /** The fastest first. */
  readonly measured: readonly Measured[];
  readonly best: Measured;
}

/**
 * Measures a model on this machine in every configuration worth trying and writes the fastest to
 * the worker's tuning file. Candidates alternate, so that other load affects all alike.
 */
export async function tuneModel(options: TuneOptions): Promise<TuningReport> {
  const asked = parseProviders(options.providers);
  const cpus = usableCpus();
  const [device = 0] = devicesOf("0", asked);
  const wanted: EngineBasis = {
    providers: asked,
    device,
    tensorrtCache: null,
    cpus,
    decodeThreads: cpus,
    batchBytes: 64 * MEGABYTE,
    arenaBytes: 256 * MEGABYTE,
  };
  const { providers, unavailable } = await availableProviders(options.folder, wanted);
  const [first = "cpu"] = providers;
  const basis = { ...wanted, providers };
  const space = candidates({ ...options, cpus }, first === "cpu");
  const rates = await measureAll(space, basis, options);
  const measured = space
    .map((candidate, index) => ({ ...candidate, imagesPerSecond: median(rates[index] ?? []) }))
    .toSorted((a, b) => b.imagesPerSecond - a.imagesPerSecond);
  const [best] = measured;
  if (best === undefined) throw new RangeError("nothing to measure");
  const machine = machineKey(first);
  if (options.file !== undefined) keep(options.file, machine, { model: options.modelId, best });
  return { machine, provider: first, unavailable, model: options.modelId, measured, best };
}

async function measureAll(
  space: readonly Candidate[],
  basis: EngineBasis,
  options: TuneOptions,
): Promise<number[][]> {
  const rates: number[][] = space.map(() => []);
  let done = 0;
  for (let round = 0; round < options.rounds; round++) {
    for (const [index, candidate] of space.entries()) {
      rates[index]?.push(await measure(candidate, options, basis));
      options.onProgress?.(++done, space.length * options.rounds);
    }
  }
  return rates;
}

/** Engines, sessions and threads are the machine's, so the last model tuned decides them. */
function keep(
  file: string,
  machine: string,
  { model, best }: { model: string; best: Measured },
): void {
  const known = readTuning(file, machine);
  const { engines, sessions, sessionThreads, batchImages } = best;
  const tuning: Tuning = {
    engines,
    sessions,
    sessionThreads,
    batchImages: { ...known?.batchImages, [model]: batchImages },
  };
  writeTuning(file, machine, tuning);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
