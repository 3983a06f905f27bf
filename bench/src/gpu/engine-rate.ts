import type { Provider } from "@axial/inference";
import { usableCpus } from "@axial/worker";
import { measure } from "@axial/worker/tune";

const MEGABYTE = 1 << 20;
const ROUNDS = 5;
const IMAGES = 4_096;

/** Images per second of one engine on one device: the median of some rounds. */
export async function engineRate(
  folder: string,
  options: { provider: Provider; batch: number; files: readonly string[] },
): Promise<number> {
  const { provider, batch: batchImages, files } = options;
  const cpus = usableCpus();
  const rates: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    rates.push(
      await measure(
        { engines: 1, sessions: 1, sessionThreads: 1, batchImages },
        { folder, files, images: IMAGES },
        {
          providers: [provider],
          device: 0,
          tensorrtCache: null,
          cpus,
          decodeThreads: cpus,
          batchBytes: 512 * MEGABYTE,
          arenaBytes: 1_024 * MEGABYTE,
        },
      ),
    );
  }
  return rates.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0;
}
