import { randomBytes } from "node:crypto";
import type { TaskId, TaskResult } from "@axial/contracts";
import type { JobDependencies } from "@axial/worker";
import { SIMULATED_MODEL } from "./pending-tasks.ts";
import { SimulatedDevice } from "./simulated-device.ts";

const LABELS = ["glioma", "meningioma", "none", "pituitary"];

/** An engine as its supervisor sees it: jobs of `images` images, results as large as real ones. */
export function simulatedEngine({
  imagesPerSecond,
  images,
}: {
  readonly imagesPerSecond: number;
  readonly images: number;
}): JobDependencies["engine"] {
  const device = new SimulatedDevice(imagesPerSecond);
  return {
    run: async ({ task, lane }) => {
      const started = performance.now();
      const infer = await device.run(images, lane);
      // A timer may be a fraction of a millisecond early.
      const total = Math.max(infer, performance.now() - started);
      const stages = { decode: 0, batchWait: total - infer, infer, total };
      const result = resultOf(task, images, stages);
      const bytes = new TextEncoder().encode(JSON.stringify(result));
      return { kind: "done", result: bytes, heatMaps: null, stages };
    },
  };
}

function resultOf(task: TaskId, images: number, timings: TaskResult["timings"]): TaskResult {
  const sha256 = "0".repeat(64);
  const probability = 1 / LABELS.length;
  return {
    schemaVersion: 1,
    task,
    model: { ...SIMULATED_MODEL, sha256, evidence: "synthetic" },
    provider: "simulated",
    preprocessingHash: sha256,
    inputHash: randomBytes(32).toString("hex"),
    labels: { class: LABELS },
    distributions: [
      {
        name: "class",
        kind: "head",
        label: "none",
        display: "None",
        probability,
        probabilities: Object.fromEntries(LABELS.map((label) => [label, probability])),
      },
    ],
    slices: Array.from({ length: images }, (_, frame) => ({
      sopInstanceUid: `2.25.${frame}`,
      frame: 0,
      probabilities: { class: LABELS.map(() => probability) },
    })),
    skipped: [],
    timings,
    batchSizes: [images],
  };
}
