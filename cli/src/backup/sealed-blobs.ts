import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { BlobStore } from "@axial/blobs";
import { AxialError, type BlobKey } from "@axial/contracts";
import type { BackupOpen, BackupSeal } from "./backup-cipher.ts";
import { MAX_BLOB_BYTES } from "./copy-blobs.ts";

/** Where a sealed blob lies in a backup's folder of blobs. */
function sealedFile(folder: string, key: BlobKey): { folder: string; path: string } {
  const below = join(folder, key.slice(0, 2));
  return { folder: below, path: join(below, `${key}.age`) };
}

/** Writes one blob, encrypted, in constant memory. Rejects when its bytes do not match the key. */
export async function sealBlob(
  key: BlobKey,
  from: BlobStore,
  { folder, seal }: { readonly folder: string; readonly seal: BackupSeal["seal"] },
): Promise<void> {
  const { folder: below, path } = sealedFile(folder, key);
  await mkdir(below, { recursive: true, mode: 0o700 });
  const digest = createHash("sha256");
  const hashed = async function* (source: AsyncIterable<Uint8Array>) {
    for await (const chunk of source) {
      digest.update(chunk);
      yield chunk;
    }
  };
  const file = createWriteStream(path, { mode: 0o600, flush: true });
  await pipeline(await from.getStream(key), hashed, seal, file);
  if (digest.digest("hex") === key) return;
  await rm(path);
  throw new AxialError("blob-corrupt");
}

/** Restores one blob. Rejects when it cannot be decrypted, or its bytes do not match the key. */
export async function openBlob(
  key: BlobKey,
  to: BlobStore,
  { folder, open }: { readonly folder: string; readonly open: BackupOpen },
): Promise<void> {
  const plain = Readable.from(open(createReadStream(sealedFile(folder, key).path)));
  const copied = await to.putStream(plain, MAX_BLOB_BYTES);
  if (copied.key === key) return;
  await to.delete(copied.key);
  throw new AxialError("blob-corrupt");
}
