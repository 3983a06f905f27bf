import { fileURLToPath } from "node:url";
import type { BlobStore } from "./blob-store.ts";
import { FileBlobStore } from "./file-blob-store.ts";

/** The blob store that `url` names: `file:///folder`. Throws for a scheme that has no adapter. */
export function openBlobStore(url: string): BlobStore {
  const { protocol } = new URL(url);
  if (protocol === "file:") return new FileBlobStore(fileURLToPath(url));
  throw new Error(`no blob store for ${protocol}`);
}
