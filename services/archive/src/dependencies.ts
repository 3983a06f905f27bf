import type { BlobStore } from "@axial/blobs";
import { type FramePool, openFramePool } from "@axial/imaging";
import type { Connections } from "@axial/service";
import type { Database } from "@axial/store/database";
import { ByteBudget } from "./retrieve/byte-budget.ts";
import { FRAME_THREADS, FRAME_TIMEOUT_MS, HELD_BYTES } from "./retrieve/limits.ts";

/** What the archive's routes are functions of. */
export interface Dependencies {
  readonly db: Database;
  readonly blobs: BlobStore;
  /** Threads that decode and render frames. */
  readonly frames: FramePool;
  /** Bytes that all answers together may hold in memory. */
  readonly budget: ByteBudget;
}

export function createDependencies({ db, blobs }: Pick<Connections, "db" | "blobs">): Dependencies {
  return {
    db,
    blobs,
    frames: openFramePool({ threads: FRAME_THREADS, timeoutMs: FRAME_TIMEOUT_MS }),
    budget: new ByteBudget(HELD_BYTES),
  };
}
