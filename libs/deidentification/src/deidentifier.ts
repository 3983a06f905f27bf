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

/** Decodes a frame of an instance, usually in a thread that can be killed. */
export type DecodeFrame = (
  instance: DicomInstance,
  file: Uint8Array,
  frame: number,
) => Promise<UncompressedFrame>;

const decodeHere: DecodeFrame = (instance, _file, frame) => uncompressedFrame(instance, frame);

/**
 * De-identifies instances after DICOM PS3.15 Annex E: the Basic Profile with the options Clean Pixel
 * Data, Clean Descriptors, Retain Safe Private and Retain Longitudinal Temporal Information. One
 * key gives one world: the same UIDs, patients and shift of dates for all its instances.
 */
export class Deidentifier {
  readonly #options: DeidentifyOptions;
  readonly #pseudonyms: Pseudonyms;
  readonly #decode: DecodeFrame;

  constructor(options: DeidentifyOptions, decode: DecodeFrame = decodeHere) {
    this.#options = options;
    this.#pseudonyms = new Pseudonyms(options.key);
    this.#decode = decode;
  }

  /** The UID that stands for `uid`. */
  uid(uid: string): string {
    return this.#pseudonyms.uid(uid);
  }

  /**
   * The whole instance as a new file (PS3.10). Compressed pixels stay as they are unless rectangles
   * are blanked; then, and for other encodings, it is Explicit VR Little Endian. Throws
   * `burned-in-annotation` where text is likely and no rule says where, `truncated-data-set`,
   * `truncated-pixel-data`, and what decoding throws.
   */
  async deidentify(instance: DicomInstance): Promise<Buffer> {
    const { dataset } = instance;
    if (instance.truncated) {
      throw new AxialError(hasPixelData(dataset) ? "truncated-pixel-data" : "truncated-data-set");
    }
    const decision = pixelDecision(dataset, this.#options.pixelRules);
    if (decision.status === "unknown") throw new AxialError("burned-in-annotation");
    const rectangles = decision.status === "blank" ? decision.rectangles : [];
    const file = this.#rewrite(instance, rectangles);
    const compressed = isEncapsulated(instance) && rectangles.length > 0;
    return compressed ? this.#decompress(file, rectangles) : file;
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

  async #decompress(file: Buffer, rectangles: readonly Rectangle[]): Promise<Buffer> {
    const instance = readInstance(file);
    const pixels = describePixels(instance.dataset);
    const blanked = async (frame: number): Promise<UncompressedFrame> => {
      const decoded = await this.#decode(instance, file, frame);
      const bytes = new Uint8Array(decoded.bytes);
      const { planar, photometric } = decoded;
      blankRectangles(bytes, { ...pixels, planar, photometric }, rectangles);
      return { ...decoded, bytes };
    };
    const pieces: Buffer[] = [];
    for await (const piece of writeInstance(instance, blanked)) pieces.push(piece);
    return Buffer.concat(pieces);
  }
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
