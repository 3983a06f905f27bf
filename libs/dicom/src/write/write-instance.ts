import { AxialError, COPYING_IMPLEMENTATION_CLASS_UID } from "@axial/contracts";
import type { DicomInstance } from "../instance.ts";
import { littleEndianValue } from "../little-endian-value.ts";
import { describePixels, type PixelDescription } from "../pixel-description.ts";
import { Tag } from "../tags.ts";
import { EXPLICIT_LITTLE_ENDIAN } from "../transfer-syntax.ts";
import { elementHeader, writeElement, writeElements } from "./element-writer.ts";
import { writeFileMeta } from "./file-meta.ts";
import { joinBits } from "./join-bits.ts";
import { isEncapsulated, nativeUnit, type UncompressedFrame } from "./uncompressed-frame.ts";

/** The largest even length of an element (PS3.5 7.1.1): longer pixel data stays compressed. */
const MAX_ELEMENT_BYTES = 0xffff_fffe;

const IMPLEMENTATION_VERSION = 0x0002_0013;
const SOURCE_TITLE = 0x0002_0016;
const LOSSY_COMPRESSION = 0x0028_2110;

/** The source of the uncompressed frames, usually killable threads. */
export type FrameSource = (frame: number) => Promise<UncompressedFrame>;

/**
 * `instance` as a file (PS3.10) in Explicit VR Little Endian, in pieces: one frame is in memory at
 * a time. The first piece comes after the first frame, so that what cannot be decoded fails before
 * anything is written. Throws what `frames` throws, and `limit-exceeded` for pixel data beyond
 * what an element can hold.
 */
export async function* writeInstance(
  instance: DicomInstance,
  frames: FrameSource,
): AsyncGenerator<Buffer> {
  const { dataset } = instance;
  if (isEncapsulated(instance)) yield* decompressed(instance, frames);
  else {
    yield preface(instance);
    yield* writeElements(dataset, instance, { skip: (tag) => tag >= Tag.PixelData });
    yield* nativePixels(instance);
  }
  yield* writeElements(dataset, instance, { skip: (tag) => tag <= Tag.PixelData });
}

async function* decompressed(instance: DicomInstance, frames: FrameSource): AsyncGenerator<Buffer> {
  const { dataset, syntax } = instance;
  const pixels = describePixels(dataset);
  const first = await frames(0);
  const bits = pixels.bitsAllocated === 1 ? pixels.rows * pixels.columns : first.bytes.length * 8;
  const total = Math.ceil((bits * pixels.frames) / 8);
  checkTotal(total);
  yield preface(instance);
  const replace = pixelModule(first, pixels, syntax.lossy);
  yield* writeElements(dataset, instance, { skip: (tag) => tag >= FROM_PIXELS, replace });
  yield elementHeader(Tag.PixelData, pixels.bitsAllocated > 8 ? "OW" : "OB", total + (total % 2));
  const cells = allFrames(frames, first, pixels.frames);
  yield* bits % 8 === 0 ? cells : joinBits(cells, bits);
  if (total % 2 === 1) yield Buffer.alloc(1);
}

async function* allFrames(
  frames: FrameSource,
  first: UncompressedFrame,
  count: number,
): AsyncGenerator<Buffer> {
  yield asBuffer(first.bytes);
  for (let frame = 1; frame < count; frame += 1) yield asBuffer((await frames(frame)).bytes);
}

/** Offset tables (7FE0,0001) and (7FE0,0002) say nothing about uncompressed pixel data. */
const FROM_PIXELS = Tag.ExtendedOffsetTable;

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

function checkTotal(total: number): void {
  if (total <= MAX_ELEMENT_BYTES) return;
  throw new AxialError("limit-exceeded", {
    detail: `uncompressed pixel data of ${total} bytes does not fit into an element`,
  });
}

/** Uncompressed pixel data as it lies, in little endian. */
function* nativePixels({ dataset }: DicomInstance): Generator<Buffer> {
  const element = dataset.elements.get(Tag.PixelData);
  if (element === undefined) return;
  const unit = nativeUnit(element.vr, dataset.int(Tag.BitsAllocated) ?? 8);
  const value = littleEndianValue(dataset, element, unit);
  const vr = element.vr === "OB" ? "OB" : "OW";
  yield elementHeader(Tag.PixelData, vr, value.length + (value.length % 2));
  yield value;
  if (value.length % 2 === 1) yield Buffer.alloc(1);
}

/** What decompression changes of the pixel module (PS3.3 C.7.6.3). */
function pixelModule(
  frame: UncompressedFrame,
  pixels: PixelDescription,
  lossy: boolean,
): Map<number, Buffer> {
  const replace = new Map<number, Buffer>();
  const text = (tag: number, value: string) =>
    replace.set(tag, writeElement(tag, "CS", Buffer.from(value, "latin1")));
  text(Tag.PhotometricInterpretation, frame.photometric);
  if (lossy) text(LOSSY_COMPRESSION, "01");
  if (pixels.samples > 1) {
    const planar = Buffer.of(frame.planar ? 1 : 0, 0);
    replace.set(Tag.PlanarConfiguration, writeElement(Tag.PlanarConfiguration, "US", planar));
  }
  return replace;
}

function preface({ meta, dataset }: DicomInstance): Buffer {
  const uid = (tag: number, fallback: number) => meta.string(tag) ?? dataset.string(fallback) ?? "";
  return writeFileMeta({
    sopClassUid: uid(Tag.MediaStorageSopClassUid, Tag.SopClassUid),
    sopInstanceUid: uid(Tag.MediaStorageSopInstanceUid, Tag.SopInstanceUid),
    transferSyntaxUid: EXPLICIT_LITTLE_ENDIAN,
    implementationClassUid:
      meta.string(Tag.ImplementationClassUid) ?? COPYING_IMPLEMENTATION_CLASS_UID,
    implementationVersion: meta.string(IMPLEMENTATION_VERSION),
    sourceAeTitle: meta.string(SOURCE_TITLE),
  });
}
