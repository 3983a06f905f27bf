import type { Provider } from "@axial/inference";
import { type OpenCandidate, openCandidate } from "@axial/tools/tune";
import { usableCpus } from "@axial/worker";
import type { Load } from "./load.ts";

const MEGABYTE = 1 << 20;

/** One engine on the provider, fed from files; warm and ready to be measured. */
export function openEngine(folder: string, load: Load, provider: Provider): Promise<OpenCandidate> {
  const cpus = usableCpus();
  return openCandidate(
    { engines: 1, sessions: 1, sessionThreads: 1, batchImages: load.batch },
    { folder, files: load.files, images: load.images },
    {
      providers: [provider],
      device: 0,
      tensorrtCache: null,
      cpus,
      decodeThreads: cpus,
      batchBytes: 512 * MEGABYTE,
      arenaBytes: 1_024 * MEGABYTE,
    },
  );
}
