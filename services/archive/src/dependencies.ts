import type { BlobStore } from "@axial/blobs";
import type { FramePool } from "@axial/imaging";
import type { Database } from "@axial/store/database";
import type { ByteBudget } from "./retrieve/byte-budget.ts";

/** What the archive's routes are functions of. */
export interface Dependencies {
  readonly db: Database;
  readonly blobs: BlobStore;
  /** Threads that decode and render frames. */
  readonly frames: FramePool;
  /** Bytes that answers may hold in memory together. */
  readonly budget: ByteBudget;
}
