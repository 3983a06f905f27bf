import { hash } from "node:crypto";
import { AxialError, type BlobKey } from "@axial/contracts";

/** The bytes when they are those that the key names, else `blob-corrupt`. */
export function verified(key: BlobKey, bytes: Uint8Array): Uint8Array {
  if (hash("sha256", bytes) !== key) throw new AxialError("blob-corrupt");
  return bytes;
}
