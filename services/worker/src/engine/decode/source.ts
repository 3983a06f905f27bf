import { readFile } from "node:fs/promises";
import { openBlobStore } from "@axial/blobs";
import { AxialError, type BlobKey } from "@axial/contracts";

/** Where slices come from: the blob store in production, plain files in an evaluation. */
export type SourceConfig =
  | { readonly kind: "blobs"; readonly url: string }
  | { readonly kind: "files" };

/** The bytes of one source: a blob key or a path. */
export type ReadSource = (source: string) => Promise<Uint8Array>;

export function openSource(config: SourceConfig): ReadSource {
  if (config.kind === "files") return readPath;
  const store = openBlobStore(config.url);
  return async (key) => store.getSync?.(key as BlobKey) ?? store.get(key as BlobKey);
}

/** Reads a file like a blob: an absent one is `blob-missing`, not `unavailable`. */
async function readPath(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") {
      throw new AxialError("blob-missing", { cause: error });
    }
    throw error;
  }
}
