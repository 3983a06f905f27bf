import {
  type BlobKey,
  inputHashOf,
  type ModelPackage,
  type StageTimings,
  type TaskId,
  type TaskInput,
  type TaskResult,
} from "@axial/contracts";
import { preprocessingHash, readManifest } from "@axial/inference/packages";
import { copyTinyModel, type ModelCopy } from "@axial/testkit";

/** The tiny model under another name; no device ever loads it. */
export const SIMULATED_MODEL = { id: "simulated", version: "1.0.0" };

/** Slices of every task: the planner's numbers do not matter, the recorder's work does. */
export const SIMULATED_SLICES = 16;

const NO_BLOB = "0".repeat(64) as BlobKey;

/** A models folder that holds the simulated model alone. */
export function copySimulatedModel(): Promise<ModelCopy> {
  return copyTinyModel({
    manifest: (manifest) => {
      manifest.id = SIMULATED_MODEL.id;
    },
  });
}

/** What the tasks of a package ask for, and what a device says of them. */
export class SimulatedTasks {
  readonly #pkg: ModelPackage;

  private constructor(pkg: ModelPackage) {
    this.#pkg = pkg;
  }

  static async of({ folder }: Pick<ModelCopy, "folder">): Promise<SimulatedTasks> {
    return new SimulatedTasks(await readManifest(folder));
  }

  input(task: TaskId): TaskInput {
    const { id, version, weights } = this.#pkg;
    return {
      schemaVersion: 1,
      task,
      model: { id, version, sha256: weights.sha256 },
      slices: Array.from({ length: SIMULATED_SLICES }, (_, slice) => ({
        ...{ blob: NO_BLOB, frame: 0, kind: "dicom", sopInstanceUid: `2.25.${slice}` },
      })),
    };
  }

  result(task: TaskId, timings: StageTimings): TaskResult {
    const { id, version, weights, evidence, heads } = this.#pkg;
    const input = this.input(task);
    const even = (labels: readonly unknown[]) => 1 / labels.length;
    return {
      schemaVersion: 1,
      task,
      model: { id, version, sha256: weights.sha256, evidence },
      provider: "simulated",
      preprocessingHash: preprocessingHash(this.#pkg),
      inputHash: inputHashOf(input),
      labels: Object.fromEntries(heads.map(({ name, labels }) => [name, labels.map((l) => l.id)])),
      distributions: heads.map(({ name, labels }) => ({
        name,
        kind: "head",
        label: labels[0]?.id ?? "",
        display: labels[0]?.display ?? "",
        probability: even(labels),
        probabilities: Object.fromEntries(labels.map((label) => [label.id, even(labels)])),
      })),
      slices: input.slices.map(({ sopInstanceUid, frame }) => ({
        sopInstanceUid,
        frame,
        probabilities: Object.fromEntries(
          heads.map(({ name, labels }) => [name, labels.map(() => even(labels))]),
        ),
      })),
      skipped: [],
      timings,
      batchSizes: [SIMULATED_SLICES],
    };
  }
}
