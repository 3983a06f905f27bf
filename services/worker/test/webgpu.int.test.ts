import { eventually, needs, queueBackends } from "@axial/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Surroundings, surroundings } from "./surroundings.ts";

/**
 * Chromium brings a Vulkan of its own and SwiftShader, a device in software that has what the
 * runtime's WebGPU asks for: the way of a GPU is walked without one, at a hundredth of its speed.
 */
const CHROMIUM = "/usr/lib/chromium";
const SOFTWARE_DEVICE = `${CHROMIUM}/vk_swiftshader_icd.json`;

const READY_WITHIN_MS = 180_000;
const TEST_MS = READY_WITHIN_MS + 60_000;

describe("a worker on WebGPU", needs("webgpu in software"), () => {
  const [backend] = queueBackends();
  let world: Surroundings;
  beforeAll(async () => {
    if (backend === undefined) throw new Error("no queue backend");
    world = await surroundings(backend);
  });
  afterAll(() => world.close());

  it(
    "runs batches on the device, and returns what the CPU returns",
    async () => {
      const options = { slices: 6 };
      const cpu = await world.startWorker();
      const expected = await world.result(await world.dispatch(options));
      cpu.signal("SIGTERM");
      await cpu.exited;
      const worker = await world.startWorker({
        AXIAL_WORKER_PROVIDERS: "webgpu",
        AXIAL_WORKER_BATCH_IMAGES: "4",
        VK_ICD_FILENAMES: SOFTWARE_DEVICE,
        LD_LIBRARY_PATH: CHROMIUM,
      });
      const job = await world.dispatch(options);
      const result = await world.result(job);
      expect(expected.provider).toBe("cpu");
      expect(result.provider).toBe("webgpu");
      const counted = /axial_inference_total\{[^}]*provider="webgpu"[^}]*\} 6/;
      await eventually("six images are counted", async () => counted.test(await worker.metrics()));
      const [seen, wanted] = [result, expected].map(
        ({ distributions }) => distributions[0]?.probabilities ?? {},
      );
      expect(Object.keys(wanted ?? {}).length).toBeGreaterThan(1);
      for (const [label, probability] of Object.entries(wanted ?? {})) {
        expect(seen?.[label]).toBeCloseTo(probability, 3);
      }
    },
    TEST_MS,
  );
});
