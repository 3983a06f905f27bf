import type { Candidate } from "./measure.ts";

interface Space {
  readonly cpus: number;
  readonly batchSizes: readonly number[];
  readonly engines: readonly number[];
}

/**
 * The configurations worth measuring: every batch size with the CPUs as one session of all, as
 * one-thread sessions, and in between by halves; on a device, one session per engine.
 */
export function candidates({ cpus, batchSizes, engines }: Space, onCpu: boolean): Candidate[] {
  return engines.flatMap((count) => {
    const share = Math.max(1, Math.floor(cpus / count));
    return threadCounts(share, onCpu).flatMap((sessionThreads) =>
      batchSizes.map((batchImages) => ({
        engines: count,
        sessions: onCpu ? Math.max(1, Math.floor(share / sessionThreads)) : 1,
        sessionThreads,
        batchImages,
      })),
    );
  });
}

/** 1, 2, 4 … and all: powers of two up to the CPUs of one engine. */
function threadCounts(share: number, onCpu: boolean): number[] {
  if (!onCpu) return [1];
  const counts: number[] = [];
  for (let threads = 1; threads < share; threads *= 2) counts.push(threads);
  return [...counts, share];
}
