import { constants, inflateRawSync } from "node:zlib";
import { AxialError } from "@axial/contracts";
import { DataSet } from "./data-set.ts";
import { ElementReader, type Encoding } from "./element-reader.ts";
import type { DicomInstance } from "./instance.ts";
import { MAX_ELEMENTS, MAX_INFLATED_BYTES } from "./limits.ts";
import { Tag } from "./tags.ts";
import {
  EXPLICIT_BIG_ENDIAN,
  EXPLICIT_LITTLE_ENDIAN,
  IMPLICIT_LITTLE_ENDIAN,
  type TransferSyntax,
  transferSyntaxOf,
} from "./transfer-syntax.ts";
import { isVr } from "./vr.ts";

const PREAMBLE = 128;
const MAGIC = "DICM";
const FILE_META: Encoding = { explicit: true, littleEndian: true };

export interface ReadOptions {
  /** Stop at the pixel data: `bytes` may be the first part of the file only. */
  readonly untilPixelData?: boolean;
}

/**
 * Reads file meta information and data set of a DICOM file (PS3.10), the values by reference.
 * Files without preamble, without file meta information, or whose data set is encoded otherwise
 * than their transfer syntax says are read where the first bytes leave no doubt. Throws
 * `not-dicom`, `malformed-dicom` or `limit-exceeded`; a file cut short is read as far as it goes
 * and is `truncated`.
 */
export function readInstance(bytes: Uint8Array, options: ReadOptions = {}): DicomInstance {
  const body = readFileMeta(bytes);
  return readDataSet(body.syntax.deflated ? inflate(body) : body, options);
}

/** Reads file meta information and finds the data set behind it. */
export function readFileMeta(bytes: Uint8Array, maxElements = MAX_ELEMENTS): FileBody {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const start = findStart(buffer);
  const meta = new DataSet(buffer, true);
  const reader = new ElementReader(buffer, { at: start, maxElements }, FILE_META);
  reader.readInto(meta, buffer.length, 0, (tag) => tag >>> 16 !== 2);
  const declared = meta.string(Tag.TransferSyntaxUid);
  const syntax = transferSyntaxOf(declared ?? guessTransferSyntax(buffer, reader.at));
  return { buffer, at: reader.at, meta, syntax, truncated: reader.truncated };
}

function findStart(buffer: Buffer): number {
  if (buffer.toString("latin1", PREAMBLE, PREAMBLE + MAGIC.length) === MAGIC) {
    return PREAMBLE + MAGIC.length;
  }
  if (buffer.toString("latin1", 0, MAGIC.length) === MAGIC) return MAGIC.length;
  if (beginsLikeDataSet(buffer)) return 0;
  throw new AxialError("not-dicom");
}

/**
 * A first element of group 0002 or 0008 whose length is small: what file writers that leave out
 * the preamble begin with. pydicom takes such bytes only with `force`, dcmtk always.
 */
function beginsLikeDataSet(buffer: Buffer): boolean {
  if (buffer.length < 16) return false;
  const little = buffer.readUInt16LE(0);
  const big = buffer.readUInt16BE(0);
  const explicit = isVr(buffer[4] ?? 0, buffer[5] ?? 0);
  if (little === 2 || little === 8) {
    const plausible = buffer.readUInt16LE(2) < 0x1200 && buffer.readUInt32LE(4) <= 1024;
    return explicit || plausible;
  }
  return explicit && (big === 2 || big === 8);
}

/** No transfer syntax is named: the form of the first element says which of three it is. */
function guessTransferSyntax(buffer: Buffer, at: number): string {
  if (at + 6 > buffer.length) return IMPLICIT_LITTLE_ENDIAN;
  if (!isVr(buffer[at + 4] ?? 0, buffer[at + 5] ?? 0)) return IMPLICIT_LITTLE_ENDIAN;
  const group = buffer.readUInt16LE(at);
  return group >= 0x0100 && (group & 0xff) === 0 ? EXPLICIT_BIG_ENDIAN : EXPLICIT_LITTLE_ENDIAN;
}

/** A file whose meta information has been read: its data set begins at `at` of `buffer`. */
export interface FileBody {
  readonly buffer: Buffer;
  readonly at: number;
  readonly meta: DataSet;
  readonly syntax: TransferSyntax;
  /** The bytes end inside of the file meta information. */
  readonly truncated: boolean;
}

/** Reads the data set of `body`, which is inflated. */
export function readDataSet(
  { buffer, at, meta, syntax, truncated }: FileBody,
  options: ReadOptions & { readonly maxElements?: number },
): DicomInstance {
  const encoding = actualEncoding(buffer, at, syntax);
  const dataset = new DataSet(buffer, encoding.littleEndian);
  const { maxElements = MAX_ELEMENTS } = options;
  const reader = new ElementReader(buffer, { at, maxElements }, encoding);
  reader.readInto(dataset, buffer.length, 0, isAfterDataSet);
  if (dataset.elements.size === 0 && meta.elements.size === 0) throw new AxialError("not-dicom");
  const complete = options.untilPixelData === true && hasPixelData(dataset);
  return { meta, dataset, syntax, truncated: truncated || (reader.truncated && !complete) };
}

/** Zero bytes after the data set are padding; group 0000 belongs to messages, not to files. */
function isAfterDataSet(tag: number): boolean {
  return tag >>> 16 === 0;
}

/** Writers that name explicit and write implicit, or the other way round, are many: look. */
function actualEncoding(buffer: Buffer, at: number, syntax: TransferSyntax): Encoding {
  const { littleEndian } = syntax;
  if (at + 8 > buffer.length) return syntax;
  if (isVr(buffer[at + 4] ?? 0, buffer[at + 5] ?? 0)) return { explicit: true, littleEndian };
  const length = littleEndian ? buffer.readUInt32LE(at + 4) : buffer.readUInt32BE(at + 4);
  const fits = length <= buffer.length - at - 8;
  return { explicit: syntax.explicit && !fits, littleEndian };
}

function inflate(body: FileBody): FileBody {
  try {
    const buffer = inflateRawSync(body.buffer.subarray(body.at), {
      maxOutputLength: MAX_INFLATED_BYTES,
      finishFlush: constants.Z_SYNC_FLUSH,
    });
    return { ...body, buffer, at: 0 };
  } catch (cause) {
    if (isTooLarge(cause)) {
      throw new AxialError("limit-exceeded", {
        detail: `the data set inflates to more than ${MAX_INFLATED_BYTES} bytes`,
        cause,
      });
    }
    throw new AxialError("malformed-dicom", { detail: "the data set does not inflate", cause });
  }
}

function isTooLarge(cause: unknown): boolean {
  return cause instanceof RangeError && "code" in cause && cause.code === "ERR_BUFFER_TOO_LARGE";
}

/** True when the data set holds pixel data of any of the three kinds. */
export function hasPixelData(dataset: DataSet): boolean {
  return (
    dataset.has(Tag.PixelData) ||
    dataset.has(Tag.FloatPixelData) ||
    dataset.has(Tag.DoubleFloatPixelData)
  );
}
