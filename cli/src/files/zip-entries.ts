import { open as openFile } from "node:fs";
import type { Readable } from "node:stream";
import { promisify } from "node:util";
import { crc32 } from "node:zlib";
import { fromFdPromise } from "yauzl";
import type { ArchiveEntry } from "./archive-entry.ts";

const SLASH = 0x2f;

/**
 * The files in the zip archive at `path`. Rejects where the archive is damaged, after the entries
 * before that.
 */
export async function* zipEntries(path: Buffer): AsyncGenerator<ArchiveEntry> {
  const fd = await promisify(openFile)(path, "r");
  const options = { lazyEntries: true, decodeStrings: false, autoClose: false };
  const zip = await fromFdPromise(fd, options);
  try {
    for await (const entry of zip.eachEntry()) {
      const name = Buffer.from(entry.fileNameRaw);
      if (name.at(-1) === SLASH) continue;
      if (entry.isEncrypted()) yield { status: "left-out", name, code: "encrypted-entry" };
      else {
        const open = async () => checked(await zip.openReadStreamPromise(entry), entry.crc32);
        yield { status: "entry", name, open };
      }
    }
  } finally {
    zip.close();
  }
}

/** yauzl compares lengths, and leaves the checksum to its caller. */
async function* checked(stream: Readable, expected: number): AsyncGenerator<Buffer> {
  let sum = 0;
  for await (const chunk of stream) {
    sum = crc32(chunk as Buffer, sum);
    yield chunk as Buffer;
  }
  if (sum !== expected) throw new Error("the checksum of a zip entry is wrong");
}
