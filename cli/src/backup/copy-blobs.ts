import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import type { BlobStore } from "@axial/blobs";
import { isBlobKey } from "@axial/blobs";
import { AxialError, type BlobKey } from "@axial/contracts";

/** Blobs copied at the same time. */
const CONCURRENCY = 8;
/** No limit: whatever was accepted may be copied. */
export const MAX_BLOB_BYTES = 64 * 1024 ** 3;

/** Reads keys, one per line. Rejects with `blob-corrupt` on anything else. */
export async function* listedKeys(path: string): AsyncGenerator<BlobKey> {
  for await (const line of createInterface({ input: createReadStream(path) })) {
    if (!isBlobKey(line))
      throw new AxialError("blob-corrupt", { detail: "the list of blobs is damaged" });
    yield line;
  }
}

/** Copies one blob in constant memory. Rejects when the bytes do not match the key. */
export async function copyBlob(key: BlobKey, from: BlobStore, to: BlobStore): Promise<void> {
  const copied = await to.putStream(await from.getStream(key), MAX_BLOB_BYTES);
  if (copied.key === key) return;
  await to.delete(copied.key);
  throw new AxialError("blob-corrupt");
}

/** Runs `act` for each key, a few at a time, until the first failure. */
export async function forEachKey(
  keys: AsyncGenerator<BlobKey>,
  act: (key: BlobKey) => Promise<void>,
): Promise<void> {
  const worker = async () => {
    for (let next = await keys.next(); next.done !== true; next = await keys.next()) {
      await act(next.value);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
}
