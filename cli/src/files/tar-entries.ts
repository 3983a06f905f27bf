import type { Readable } from "node:stream";
import { extract, type Header } from "tar-stream";
import type { ArchiveEntry } from "./archive-entry.ts";

/** Latin-1 keeps every byte of a name. The option is missing in the package's types. */
const OPTIONS = { filenameEncoding: "latin1", highWaterMark: 1 << 16 };

/**
 * The files in a tar archive. Rejects where the archive is damaged or cut short, after the entries
 * before that.
 */
export async function* tarEntries(archive: Readable): AsyncGenerator<ArchiveEntry> {
  const entries = extract(OPTIONS);
  archive.on("error", (error) => entries.destroy(error));
  archive.on("data", (chunk: Buffer) => {
    if (!entries.write(chunk)) archive.pause();
  });
  entries.on("drain", () => archive.resume());
  archive.on("end", () => entries.end(null));
  try {
    for await (const entry of entries) {
      const { header } = entry;
      const name = nameOf(header);
      if (header.type === "file" || header.type === "contiguous-file") {
        yield { status: "entry", name, open: async () => bytesOf(entry) };
      } else if (header.type !== "directory") {
        yield { status: "left-out", name, code: "no-file" };
      }
      entry.resume();
    }
  } finally {
    archive.destroy();
  }
}

/** A name from a pax header (POSIX.1-2001) is UTF-8 and decoded; others are bytes. */
function nameOf({ name, pax }: Header): Buffer {
  const isDecoded = typeof pax === "object" && pax !== null && "path" in pax;
  return Buffer.from(name, isDecoded ? "utf8" : "latin1");
}

async function* bytesOf(entry: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  for await (const chunk of entry) if (chunk instanceof Uint8Array) yield chunk;
}
