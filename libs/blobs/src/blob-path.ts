import { join } from "node:path";
import type { BlobKey } from "@axial/contracts";

const KEY_PATTERN = /^[0-9a-f]{64}$/;

/**
 * The folder of a blob: two levels, 256 × 16. At a hundred million blobs a folder holds 25,000
 * files, and on a small installation syncs of one folder still serve several writers.
 */
export function blobFolder(root: string, key: BlobKey): string {
  return join(root, key.slice(0, 2), key.slice(2, 3));
}

export function blobPath(root: string, key: BlobKey): string {
  return join(blobFolder(root, key), key);
}

export function isBlobKey(name: string): name is BlobKey {
  return KEY_PATTERN.test(name);
}
