import { hash } from "node:crypto";
import { AxialError, type BlobKey } from "@axial/contracts";

/** Returns the bytes if they match the key; throws `blob-corrupt` otherwise. */
export function verified(key: BlobKey, bytes: Uint8Array): Uint8Array {
  if (hash("sha256", bytes) !== key) throw new AxialError("blob-corrupt");
  return bytes;
}
