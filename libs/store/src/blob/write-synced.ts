import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { AxialError, type BlobKey } from "@axial/contracts";

/** Writes a new file; its bytes are on the disk when it resolves, its name may not be. */
export async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(path, "wx");
  try {
    await writeAll(handle, bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The same for a stream, in constant memory; more than `limitBytes` is `payload-too-large`. */
export async function writeStreamSynced(
  path: string,
  source: AsyncIterable<Uint8Array>,
  limitBytes: number,
): Promise<{ key: BlobKey; bytes: number }> {
  const digest = createHash("sha256");
  const handle = await open(path, "wx");
  let bytes = 0;
  try {
    for await (const chunk of source) {
      bytes += chunk.byteLength;
      if (bytes > limitBytes) {
        throw new AxialError("payload-too-large", { detail: `limit: ${limitBytes} bytes` });
      }
      digest.update(chunk);
      await writeAll(handle, chunk);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  return { key: digest.digest("hex") as BlobKey, bytes };
}

/** A write may be short; the rest follows. */
async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let offset = 0; offset < bytes.byteLength; ) {
    offset += (await handle.write(bytes, offset)).bytesWritten;
  }
}
