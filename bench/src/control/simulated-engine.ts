import type { JobDependencies } from "@axial/worker";
import { SimulatedDevice } from "./simulated-device.ts";
import { SIMULATED_SLICES, type SimulatedTasks } from "./simulated-model.ts";

/** An engine as its supervisor sees it: results as large as real ones, at the device's pace. */
export function simulatedEngine(
  tasks: SimulatedTasks,
  { imagesPerSecond }: { readonly imagesPerSecond: number },
): JobDependencies["engine"] {
  const device = new SimulatedDevice(imagesPerSecond);
  return {
    run: async ({ task, lane }) => {
      const started = performance.now();
      const infer = await device.run(SIMULATED_SLICES, lane);
      // A timer may be a fraction of a millisecond early.
      const total = Math.max(infer, performance.now() - started);
      const stages = { decode: 0, batchWait: total - infer, infer, total };
      const bytes = new TextEncoder().encode(JSON.stringify(tasks.result(task, stages)));
      return { kind: "done", result: bytes, heatMaps: null, stages };
    },
  };
}
