import { availableParallelism } from "node:os";
import type { BlobStore } from "@axial/blobs";
import { type FramePool, openFramePool } from "@axial/imaging";
import type { Connections } from "@axial/service";
import type { Database } from "@axial/store/database";
import { ByteBudget } from "./byte-budget.ts";
import { Headers } from "./headers/headers.ts";

/** Files that are held in memory at one time, all requests together. */
const HELD_BYTES = 2 * 1024 * 1024 * 1024;

/**
 * Threads that decode and render for readers; one core stays with the event loop. The models have
 * their own, elsewhere.
 */
const FRAME_THREADS = Math.max(1, Math.min(2, availableParallelism() - 1));

/** The slowest frame seen, 64 megapixels of JPEG 2000, takes about six seconds. */
const FRAME_TIMEOUT_MS = 15_000;

/** What the archive's routes are functions of. */
export interface Dependencies {
  readonly db: Database;
  readonly blobs: BlobStore;
  /** Threads that decode and render frames. */
  readonly frames: FramePool;
  /** Reads the headers of stored files. */
  readonly headers: Headers;
  /** Bytes that all answers together may hold in memory. */
  readonly budget: ByteBudget;
}

export function createDependencies({ db, blobs }: Pick<Connections, "db" | "blobs">): Dependencies {
  return {
    db,
    blobs,
    frames: openFramePool({ threads: FRAME_THREADS, timeoutMs: FRAME_TIMEOUT_MS }),
    headers: new Headers(blobs),
    budget: new ByteBudget(HELD_BYTES),
  };
}
