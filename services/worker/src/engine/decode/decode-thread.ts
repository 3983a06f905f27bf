/**
 * A decode thread: reads, parses, decodes and prepares slices straight into the shared arena.
 * The blobs of a chunk are read ahead while the chunk before is decoded.
 */
import { parentPort, workerData } from "node:worker_threads";
import { AxialError, asAxialError } from "@axial/contracts";
import { type DicomInstance, decodeFrame, readInstance } from "@axial/dicom";
import { decodeImageFile, prepareInput } from "@axial/imaging";
import type { InstalledModel } from "../installed-models.ts";
import {
  type DecodeChunk,
  type DecodedChunk,
  type DecodeItem,
  type DecodeThreadData,
  IDLE,
  PROGRESS,
  type Prepared,
} from "./messages.ts";
import { openSource } from "./source.ts";

const port = parentPort;
if (port === null) throw new Error("decode-thread.ts runs as a worker thread");

const { models, source, progress } = workerData as DecodeThreadData;
const read = openSource(source);

type Bytes = Promise<Uint8Array | AxialError>;

let last: { readonly source: string; readonly instance: DicomInstance } | undefined;
let turn: Promise<void> = Promise.resolve();

port.on("message", (chunk: DecodeChunk) => {
  const reads = readAhead(chunk.items);
  turn = turn.then(async () => {
    const prepared = await decodeChunk(chunk, reads);
    Atomics.store(progress, PROGRESS.chunk, IDLE);
    port.postMessage({ id: chunk.id, prepared } satisfies DecodedChunk);
  });
});

/** Starts one read per distinct source; a failed one is kept as its error. */
function readAhead(items: readonly DecodeItem[]): Map<string, Bytes> {
  const reads = new Map<string, Bytes>();
  for (const { source } of items) {
    if (source === last?.source || reads.has(source)) continue;
    const bytes = read(source).catch((error: unknown) =>
      asAxialError(error, "storage-unavailable"),
    );
    reads.set(source, bytes);
  }
  return reads;
}

async function decodeChunk(
  chunk: DecodeChunk,
  reads: ReadonlyMap<string, Bytes>,
): Promise<Prepared[]> {
  const model = models[chunk.model];
  if (model === undefined) throw new RangeError(`no model ${chunk.model}`);
  const prepared: Prepared[] = [];
  for (const [index, item] of chunk.items.entries()) {
    Atomics.store(progress, PROGRESS.item, index);
    Atomics.store(progress, PROGRESS.chunk, chunk.id);
    prepared.push(await prepare(item, model, reads));
  }
  return prepared;
}

async function prepare(
  item: DecodeItem,
  model: InstalledModel,
  reads: ReadonlyMap<string, Bytes>,
): Promise<Prepared> {
  try {
    const frame =
      item.kind === "image"
        ? await decodeImageFile(await bytesOf(item.source, reads))
        : await decodeFrame(await instanceOf(item.source, reads), item.frame);
    const out = new Uint8Array(model.arena, item.slot * model.sampleBytes, model.sampleBytes);
    return { turn: prepareInput(frame, model.manifest, out) };
  } catch (error) {
    return { failure: asAxialError(error, "undecodable").toJSON() };
  }
}

/** The parsed instance; the last one is kept, because frames of one file follow each other. */
async function instanceOf(
  source: string,
  reads: ReadonlyMap<string, Bytes>,
): Promise<DicomInstance> {
  if (last?.source === source) return last.instance;
  const instance = readInstance(await bytesOf(source, reads));
  last = { source, instance };
  return instance;
}

async function bytesOf(source: string, reads: ReadonlyMap<string, Bytes>): Promise<Uint8Array> {
  const bytes = await (reads.get(source) ?? read(source));
  if (bytes instanceof AxialError) throw bytes;
  return bytes;
}
