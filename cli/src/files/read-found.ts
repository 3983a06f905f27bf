import { createReadStream } from "node:fs";
import { pipeline, type Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import type { ArchiveEntry } from "./archive-entry.ts";
import {
  type Content,
  contentOfFile,
  contentOfStream,
  headOf,
  MAX_HELD_BYTES,
  MAX_INSTANCE_BYTES,
} from "./content.ts";
import { contentKind, KIND_BYTES } from "./content-kind.ts";
import { readDicomName } from "./dicom-name.ts";
import type { ItemName } from "./file-name.ts";
import { codeOfFileError, type LeftOutCode } from "./left-out.ts";
import type { ReadItem } from "./read-item.ts";
import { readUrl } from "./read-url.ts";
import { tarEntries } from "./tar-entries.ts";
import type { FileStats, Found } from "./walk.ts";
import { zipEntries } from "./zip-entries.ts";

type FoundFile = Extract<Found, { status: "file" }>;

const UNKNOWN: FileStats = { bytes: 0, modifiedMs: 0 };

/**
 * Reads what a walk found: a file as one item, an archive as its entries. Never rejects: what
 * cannot be read is left out with the reason.
 */
export async function* readFound(found: Found): AsyncGenerator<ReadItem> {
  const name = { path: found.path, entry: null, place: 0 };
  if (found.status === "url") {
    yield* readUrl(found, readFound);
    return;
  }
  if (found.status === "left-out") {
    yield { status: "left-out", name, stats: UNKNOWN, code: found.code };
    return;
  }
  try {
    yield* readFile(found);
  } catch (error) {
    yield { status: "left-out", name, stats: found.stats, code: codeOfFileError(error) };
  }
}

async function* readFile(found: FoundFile): AsyncGenerator<ReadItem> {
  const { path, stats } = found;
  const head = await headOf(path, KIND_BYTES);
  switch (contentKind(head)) {
    case "zip":
      return yield* readArchive(found, zipEntries(path));
    case "tar":
      return yield* readArchive(found, tarEntries(createReadStream(path)));
    case "gzip":
      return yield* readGzip(found);
    case "empty":
      return yield leftOut(found, "empty");
    case "unknown-archive":
      return yield leftOut(found, "unknown-archive");
    case "maybe-dicom": {
      // Most of what is not DICOM is known by its beginning, and not read any further.
      if (readDicomName(head, false).status === "not-dicom")
        return yield leftOut(found, "not-dicom");
      if (stats.bytes > MAX_INSTANCE_BYTES) return yield leftOut(found, "too-large");
      const content = await contentOfFile(path, stats.bytes);
      return yield itemOf({ path, entry: null, place: 0 }, stats, content);
    }
  }
}

/** A compressed tar archive, or one compressed file. */
async function* readGzip(found: FoundFile): AsyncGenerator<ReadItem> {
  const { path } = found;
  const kind = await inflatedKind(path);
  if (kind === "broken-archive") return yield leftOut(found, kind);
  const inflated = inflatedStream(path);
  if (kind === "tar") return yield* readArchive(found, tarEntries(inflated));
  const name = path.subarray(path.lastIndexOf("/") + 1);
  yield* readArchive(
    found,
    (async function* () {
      yield { status: "entry", name, open: async () => inflated } as const;
    })(),
  );
}

async function inflatedKind(path: Buffer): Promise<ReturnType<typeof contentKind> | LeftOutCode> {
  const inflated = inflatedStream(path);
  try {
    for await (const chunk of inflated) return contentKind(chunk as Buffer);
    return "empty";
  } catch {
    return "broken-archive";
  } finally {
    inflated.destroy();
  }
}

/** Errors of the disk end the stream too. */
function inflatedStream(path: Buffer): Readable {
  return pipeline(createReadStream(path), createGunzip(), () => {});
}

async function* readArchive(
  { path, stats }: FoundFile,
  entries: AsyncGenerator<ArchiveEntry>,
): AsyncGenerator<ReadItem> {
  let place = 0;
  try {
    for await (const entry of entries) {
      place += 1;
      const name = { path, entry: entry.name, place };
      if (entry.status === "left-out") yield { ...entry, name, stats };
      else yield await readEntry(name, stats, entry);
    }
  } catch {
    const name = { path, entry: null, place: 0 };
    yield { status: "left-out", name, stats, code: "broken-archive" };
  }
}

async function readEntry(
  name: ItemName,
  stats: FileStats,
  entry: Extract<ArchiveEntry, { status: "entry" }>,
): Promise<ReadItem> {
  const content = await entry
    .open()
    .then(contentOfStream)
    .catch(() => "broken-entry" as const);
  if (content === "broken-entry") return { status: "left-out", name, stats, code: content };
  if (content === null) return { status: "left-out", name, stats, code: "too-large" };
  const kind = contentKind(content.head);
  if (kind === "maybe-dicom") return itemOf(name, stats, content);
  await content.release();
  const code = kind === "empty" ? "empty" : "nested-archive";
  return { status: "left-out", name, stats, code };
}

async function itemOf(name: ItemName, stats: FileStats, content: Content): Promise<ReadItem> {
  const whole = content.bytes <= MAX_HELD_BYTES;
  const reading = readDicomName(content.head, whole);
  if (reading.status === "instance") {
    return { status: "instance", name, stats, dicom: reading.name, content };
  }
  await content.release();
  if (reading.status === "refused") return { status: "refused", name, stats, code: reading.code };
  return { status: "left-out", name, stats, code: reading.status };
}

function leftOut({ path, stats }: FoundFile, code: LeftOutCode): ReadItem {
  return { status: "left-out", name: { path, entry: null, place: 0 }, stats, code };
}
