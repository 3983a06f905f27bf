export { alignedMemory, blockEnd } from "./aligned-memory.ts";
export { isBlobKey } from "./blob-path.ts";
export type * from "./blob-store.ts";
export { openBlobStore } from "./open-blob-store.ts";
