import { AxialError } from "@axial/contracts";
import { sampleBytes } from "../package/golden-cases.ts";
import type { LoadedPackage } from "../package/load-package.ts";
import { checkGraph, wantedOutputs } from "./check-graph.ts";
import type { InferenceSession, RunningProvider } from "./inference-session.ts";
import type { LoadedNetwork, OutputTensor } from "./loaded-network.ts";

/** One sample could hide a batch axis that the graph fixed at 1. */
const PROBE_SAMPLES = 2;

/**
 * A session over `network`, after checking its declarations and outputs against the manifest.
 * Closes it and throws `invalid-model` when they disagree.
 */
export async function checkedSession(
  pkg: LoadedPackage,
  network: LoadedNetwork,
): Promise<InferenceSession> {
  try {
    checkGraph(pkg.manifest, network.graph);
    return new CheckedSession(network, await probe(pkg, network));
  } catch (error) {
    await network.close();
    throw error;
  }
}

class CheckedSession implements InferenceSession {
  readonly provider: RunningProvider;
  readonly outputs: ReadonlyMap<string, readonly number[]>;
  readonly #network: LoadedNetwork;
  readonly #names: readonly string[];

  constructor(network: LoadedNetwork, outputs: ReadonlyMap<string, readonly number[]>) {
    this.provider = network.provider;
    this.outputs = outputs;
    this.#network = network;
    this.#names = [...outputs.keys()];
  }

  async run(batch: Uint8Array, count: number): Promise<Record<string, Float32Array>> {
    const found = await this.#network.run(batch, count, this.#names);
    return Object.fromEntries(Object.entries(found).map(([name, { data }]) => [name, data]));
  }

  close(): Promise<void> {
    return this.#network.close();
  }
}

/** Runs zeros once, for the actual output shapes and to warm up the runtime. */
async function probe(
  { manifest }: LoadedPackage,
  network: LoadedNetwork,
): Promise<Map<string, readonly number[]>> {
  const wanted = wantedOutputs(manifest);
  const zeros = new Uint8Array(PROBE_SAMPLES * sampleBytes(manifest));
  const found = await network.run(zeros, PROBE_SAMPLES, [...wanted.keys()]);
  const shapes = new Map<string, readonly number[]>();
  for (const [name, sizes] of wanted) shapes.set(name, checkOutput(name, sizes, found[name]));
  return shapes;
}

function checkOutput(
  name: string,
  sizes: readonly (number | null)[],
  found: OutputTensor | undefined,
): readonly number[] {
  const dims = found?.dims ?? [];
  const fits = sizes.every((size, axis) => size === null || dims[axis + 1] === size);
  if (dims[0] === PROBE_SAMPLES && dims.length === sizes.length + 1 && fits) return dims.slice(1);
  throw new AxialError("invalid-model", {
    detail: `output ${name} returned [${dims}] for ${PROBE_SAMPLES} samples`,
  });
}
