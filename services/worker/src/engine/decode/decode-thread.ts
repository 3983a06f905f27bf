/**
 * A decode thread: reads, parses, decodes and prepares slices straight into the shared arena.
 * The blobs of a chunk are read ahead while the chunk before is decoded.
 */
import { AxialError, asAxialError, type ModelPackage } from "@axial/contracts";
import { type DicomInstance, decodeFrame, readInstance } from "@axial/dicom";
import {
  decodeImageFile,
  inputFigures,
  prepareInput,
  serveThread,
  threadSetup,
} from "@axial/imaging";
import type { InstalledModel } from "../installed-models.ts";
import type { DecodeChunk, DecodeItem, DecodeSetup, Prepared } from "./messages.ts";
import { openSource } from "./source.ts";

const { models, source } = threadSetup<DecodeSetup>();
const read = openSource(source);

type Bytes = Promise<Uint8Array | AxialError>;
type Reads = ReadonlyMap<string, Bytes>;

let last: { readonly source: string; readonly instance: DicomInstance } | undefined;

serveThread<DecodeChunk, Prepared[], Reads>({
  ahead: ({ items }) => readAhead(items),
  run: decodeChunk,
});

/** Starts one read per distinct source; a failed one is kept as its error. */
function readAhead(items: readonly DecodeItem[]): Reads {
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

/** One step per slice, so that a slice that hangs is known. */
async function decodeChunk(
  chunk: DecodeChunk,
  reads: Reads,
  step: (index: number) => void,
): Promise<Prepared[]> {
  const model = models[chunk.model];
  if (model === undefined) throw new RangeError(`no model ${chunk.model}`);
  const prepared: Prepared[] = [];
  for (const [index, item] of chunk.items.entries()) {
    step(index);
    prepared.push(await prepare(item, model, reads));
  }
  return prepared;
}

async function prepare(item: DecodeItem, model: InstalledModel, reads: Reads): Promise<Prepared> {
  try {
    const frame =
      item.kind === "image"
        ? await decodeImageFile(await bytesOf(item.source, reads))
        : await decodeFrame(await instanceOf(item.source, reads), item.frame, {
            least: leastSizeOf(model.manifest),
          });
    const out = new Uint8Array(model.arena, item.slot * model.sampleBytes, model.sampleBytes);
    const turn = prepareInput(frame, model.manifest, out);
    return { turn, input: model.manifest.input.dtype === "uint8" ? inputFigures(out) : null };
  } catch (error) {
    return { failure: asAxialError(error, "undecodable").toJSON() };
  }
}

/** What a frame must not be smaller than; undefined where it is decoded as it is. */
function leastSizeOf({ preprocessing, input }: ModelPackage) {
  if (preprocessing.lowerResolution !== "accept") return undefined;
  // Whichever way the frame is turned.
  const side = Math.max(input.height, input.width);
  return { rows: side, columns: side };
}

/** The parsed instance; the last one is kept, because frames of one file follow each other. */
async function instanceOf(source: string, reads: Reads): Promise<DicomInstance> {
  if (last?.source === source) return last.instance;
  const instance = readInstance(await bytesOf(source, reads));
  last = { source, instance };
  return instance;
}

async function bytesOf(source: string, reads: Reads): Promise<Uint8Array> {
  const bytes = await (reads.get(source) ?? read(source));
  if (bytes instanceof AxialError) throw bytes;
  return bytes;
}
