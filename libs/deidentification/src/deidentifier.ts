import { AxialError, COPYING_IMPLEMENTATION_CLASS_UID } from "@axial/contracts";
import {
  type DataSet,
  type DicomInstance,
  describePixels,
  EXPLICIT_LITTLE_ENDIAN,
  elementHeader,
  hasPixelData,
  isEncapsulated,
  littleEndianValue,
  nativeUnit,
  readInstance,
  Tag,
  type UncompressedFrame,
  uncompressedFrame,
  writeFileMeta,
  writeInstance,
} from "@axial/dicom";
import { blankRectangles } from "./blank-rectangles.ts";
import { wordsOf } from "./clean-descriptor.ts";
import { deidentifyElements, type Subject } from "./deidentify-elements.ts";
import { marks } from "./marks.ts";
import type { DeidentifyOptions } from "./options.ts";
import { pixelDecision, type Rectangle } from "./pixel-rules.ts";
import { Pseudonyms } from "./pseudonyms.ts";

const PATIENT_NAME = 0x0010_0010;
const PATIENT_ID = 0x0010_0020;
const ISSUER = 0x0010_0021;
/** Names and numbers of persons and orders: their words stay in no descriptor. */
const IDENTIFYING = [
  ...[PATIENT_NAME, PATIENT_ID, ISSUER, 0x0010_1000, 0x0010_1001, 0x0010_1005, 0x0010_1060],
  ...[0x0008_0050, 0x0008_0080, 0x0008_0090, 0x0008_1048, 0x0008_1050, 0x0008_1060, 0x0008_1070],
  ...[0x0020_0010, 0x0032_1032, 0x0040_1001],
];
const UNDEFINED_LENGTH = 0xffff_ffff;
/** Tag, VR, two bytes and a length of four (PS3.5 7.1.2). */
const LONGEST_HEADER_BYTES = 12;
/** Preamble and group 0002, which has a few UIDs, names and numbers. */
const FILE_META_BYTES = 4_096;
/**
 * Pixels that are decompressed to be blanked, which takes them into memory: 200 frames of an
 * ultrasound loop of 1,024 by 768 in colour have 470 MB.
 */
export const MAX_DECOMPRESSED_BYTES = 512 * 1024 * 1024;

/**
 * De-identifies instances after DICOM PS3.15 Annex E: the Basic Profile with the options Clean Pixel
 * Data, Clean Descriptors, Retain Safe Private and Retain Longitudinal Temporal Information. One
 * key always yields the same UIDs, patients and shift of dates for all its instances.
 */
export class Deidentifier {
  readonly #options: DeidentifyOptions;
  readonly #pseudonyms: Pseudonyms;

  constructor(options: DeidentifyOptions) {
    this.#options = options;
    this.#pseudonyms = new Pseudonyms(options.key);
  }

  /** The UID that stands for `uid`. */
  uid(uid: string): string {
    return this.#pseudonyms.uid(uid);
  }

  /** True when pixels are to be blanked, which takes as long as there are pixels. */
  blanks({ dataset }: DicomInstance): boolean {
    return pixelDecision(dataset, this.#options.pixelRules).status === "blank";
  }

  /**
   * The whole instance as a new file (PS3.10). Compressed pixels stay as they are unless rectangles
   * are blanked; then, and for other encodings, it is Explicit VR Little Endian. Throws
   * `burned-in-annotation` where text is likely and no rule says where, `truncated-data-set`,
   * `truncated-pixel-data`, `limit-exceeded` for compressed pixels that are to be blanked and have
   * more than `MAX_DECOMPRESSED_BYTES`, before any is decoded, and what decoding throws.
   */
  async deidentify(instance: DicomInstance): Promise<Buffer> {
    const { dataset } = instance;
    if (instance.truncated) {
      throw new AxialError(hasPixelData(dataset) ? "truncated-pixel-data" : "truncated-data-set");
    }
    const decision = pixelDecision(dataset, this.#options.pixelRules);
    if (decision.status === "unknown") throw new AxialError("burned-in-annotation");
    const rectangles = decision.status === "blank" ? decision.rectangles : [];
    if (isEncapsulated(instance) && rectangles.length > 0) checkPixels(dataset);
    const file = this.#rewrite(instance, rectangles);
    const compressed = isEncapsulated(instance) && rectangles.length > 0;
    return compressed ? decompress(file, rectangles) : file;
  }

  #rewrite(instance: DicomInstance, rectangles: readonly Rectangle[]): Buffer {
    const { dataset } = instance;
    const replace = marks(this.#options.dates, { blanked: rectangles.length > 0 });
    return Buffer.concat([
      this.#fileMeta(instance),
      ...deidentifyElements(dataset, this.#subject(instance), replace),
      ...pixelElement(instance, rectangles),
    ]);
  }

  #fileMeta(instance: DicomInstance): Buffer {
    const { dataset, syntax } = instance;
    return writeFileMeta({
      sopClassUid: dataset.string(Tag.SopClassUid) ?? "",
      sopInstanceUid: this.#pseudonyms.uid(dataset.string(Tag.SopInstanceUid) ?? ""),
      transferSyntaxUid: isEncapsulated(instance) ? syntax.uid : EXPLICIT_LITTLE_ENDIAN,
      implementationClassUid: COPYING_IMPLEMENTATION_CLASS_UID,
    });
  }

  #subject(instance: DicomInstance): Subject {
    const { dataset } = instance;
    const identity = identityOf(dataset);
    return {
      instance,
      pseudonyms: this.#pseudonyms,
      dates: this.#options.dates,
      shiftDays: this.#pseudonyms.shiftDays(identity),
      patient: this.#pseudonyms.patient(identity),
      identifying: wordsOf(IDENTIFYING.map((tag) => dataset.text(tag))),
    };
  }
}

function checkPixels(dataset: DataSet): void {
  const bytes = pixelBytes(dataset);
  if (bytes <= MAX_DECOMPRESSED_BYTES) return;
  throw new AxialError("limit-exceeded", {
    detail: `${bytes} bytes of pixels to be decompressed; the limit is ${MAX_DECOMPRESSED_BYTES}`,
  });
}

/** Of all frames without compression, from what the header says: a claim may be any number. */
function pixelBytes(dataset: DataSet): number {
  const { rows, columns, samples, bitsAllocated, frames } = describePixels(dataset);
  return Math.ceil((rows * columns * samples * bitsAllocated * frames) / 8);
}

/** One frame after another goes into memory that is taken once. */
async function decompress(file: Buffer, rectangles: readonly Rectangle[]): Promise<Buffer> {
  const instance = readInstance(file);
  const pixels = describePixels(instance.dataset);
  const blanked = async (frame: number): Promise<UncompressedFrame> => {
    const decoded = await uncompressedFrame(instance, frame);
    const bytes = new Uint8Array(decoded.bytes);
    const { planar, photometric } = decoded;
    blankRectangles(bytes, { ...pixels, planar, photometric }, rectangles);
    return { ...decoded, bytes };
  };
  const out = Buffer.allocUnsafeSlow(headerBytes(instance) + pixelBytes(instance.dataset));
  let length = 0;
  for await (const piece of writeInstance(instance, blanked)) {
    if (length + piece.length > out.length) throw new AxialError("malformed-dicom");
    piece.copy(out, length);
    length += piece.length;
  }
  return out.subarray(0, length);
}

/** An upper bound of everything but the pixels, also where elements get longer headers. */
function headerBytes({ meta, dataset }: DicomInstance): number {
  const pixels = dataset.elements.get(Tag.PixelData)?.length ?? 0;
  const elements = meta.elements.size + dataset.elements.size;
  return dataset.bytes.length - pixels + elements * LONGEST_HEADER_BYTES + FILE_META_BYTES;
}

/** By what a patient is known: number and issuer, the name without a number, else the study. */
function identityOf(dataset: DataSet): string {
  const [id, issuer] = [dataset.text(PATIENT_ID), dataset.text(ISSUER)];
  if (id !== null) return `id ${id}\0${issuer ?? ""}`;
  const name = dataset.text(PATIENT_NAME);
  return name === null ? `study ${dataset.string(Tag.StudyInstanceUid)}` : `name ${name}`;
}

function* pixelElement(
  instance: DicomInstance,
  rectangles: readonly Rectangle[],
): Generator<Buffer> {
  const { dataset } = instance;
  const element = dataset.elements.get(Tag.PixelData);
  if (element === undefined) return;
  if (isEncapsulated(instance)) {
    yield elementHeader(Tag.PixelData, "OB", UNDEFINED_LENGTH);
    yield dataset.bytes.subarray(element.offset, element.offset + element.length);
    return;
  }
  const unit = nativeUnit(element.vr, dataset.int(Tag.BitsAllocated) ?? 8);
  const own = littleEndianValue(dataset, element, unit);
  const value = rectangles.length === 0 ? own : blankedFrames(dataset, own, rectangles);
  yield elementHeader(
    Tag.PixelData,
    element.vr === "OB" ? "OB" : "OW",
    value.length + (value.length % 2),
  );
  yield value;
  if (value.length % 2 === 1) yield Buffer.alloc(1);
}

function blankedFrames(dataset: DataSet, cells: Buffer, rectangles: readonly Rectangle[]): Buffer {
  const pixels = describePixels(dataset);
  const copy = Buffer.from(cells);
  const frameBytes = (pixels.rows * pixels.columns * pixels.samples * pixels.bitsAllocated) / 8;
  for (let frame = 0; frame < pixels.frames; frame += 1) {
    const start = frame * frameBytes;
    blankRectangles(copy.subarray(start, start + frameBytes), pixels, rectangles);
  }
  return copy;
}
