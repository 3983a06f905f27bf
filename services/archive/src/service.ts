import type { BlobStore } from "@axial/blobs";
import { openFramePool } from "@axial/imaging";
import type { Database } from "@axial/store/database";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { archiveApp } from "./app.ts";
import { ByteBudget } from "./retrieve/byte-budget.ts";
import { FRAME_THREADS, FRAME_TIMEOUT_MS, HELD_BYTES } from "./retrieve/limits.ts";

export interface ArchiveOptions {
  readonly db: Database;
  readonly blobs: BlobStore;
}

export interface ArchiveService {
  readonly app: FastifyPluginAsyncTypebox;
  /** Resolves when the threads that decode are gone. */
  close(): Promise<void>;
}

/** Opens the threads that decode frames; the app serves on whatever server it is registered on. */
export function startArchive({ db, blobs }: ArchiveOptions): ArchiveService {
  const frames = openFramePool({ threads: FRAME_THREADS, timeoutMs: FRAME_TIMEOUT_MS });
  return {
    app: archiveApp({ db, blobs, frames, budget: new ByteBudget(HELD_BYTES) }),
    close: () => frames.close(),
  };
}
