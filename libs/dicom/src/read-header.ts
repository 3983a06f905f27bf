import { constants, createInflateRaw } from "node:zlib";
import { AxialError } from "@axial/contracts";
import type { DicomInstance } from "./instance.ts";
import {
  MAX_INFLATED_HEADER_BYTES,
  MAX_QUICK_ELEMENTS,
  MAX_QUICK_HEADER_BYTES,
  MAX_WHOLLY_INFLATED_BYTES,
} from "./limits.ts";
import {
  type FileBody,
  hasPixelData,
  type ReadOptions,
  readDataSet,
  readFileMeta,
} from "./read-instance.ts";
import { Tag } from "./tags.ts";

const CHUNK_BYTES = 256 * 1024;

/**
 * Reads a file as `readInstance` does if that takes no more than a few milliseconds; null when it
 * might: a deflated data set, more than `MAX_QUICK_ELEMENTS`, a header beyond
 * `MAX_QUICK_HEADER_BYTES`. Those belong into a thread. Throws `not-dicom` or `malformed-dicom`.
 */
export function readQuickly(bytes: Uint8Array, options: ReadOptions = {}): DicomInstance | null {
  try {
    const body = readFileMeta(bytes, MAX_QUICK_ELEMENTS);
    if (body.syntax.deflated) return null;
    const instance = readDataSet(body, { ...options, maxElements: MAX_QUICK_ELEMENTS });
    return headerBytes(instance) > MAX_QUICK_HEADER_BYTES ? null : instance;
  } catch (thrown) {
    if (thrown instanceof AxialError && thrown.code === "limit-exceeded") return null;
    throw thrown;
  }
}

/** Bytes of everything but the pixel data. */
function headerBytes({ dataset }: DicomInstance): number {
  let pixels = 0;
  for (const tag of [Tag.PixelData, Tag.FloatPixelData, Tag.DoubleFloatPixelData]) {
    pixels += dataset.elements.get(tag)?.length ?? 0;
  }
  return dataset.bytes.length - pixels;
}

/**
 * Reads a file as `readInstance` does, but inflates no more of a deflated data set than its header
 * needs: all of it up to `MAX_WHOLLY_INFLATED_BYTES`, beyond that until the pixel data begins, and
 * `limit-exceeded` when it has not at `MAX_INFLATED_HEADER_BYTES`.
 */
export async function readHeader(
  bytes: Uint8Array,
  options: ReadOptions = {},
): Promise<DicomInstance> {
  const body = readFileMeta(bytes);
  if (!body.syntax.deflated) return readDataSet(body, options);
  const limits = [MAX_WHOLLY_INFLATED_BYTES, MAX_INFLATED_HEADER_BYTES];
  for await (const { buffer, whole } of inflatedUpTo(body, limits)) {
    const inflated = { ...body, buffer, at: 0 };
    if (whole) return readDataSet(inflated, options);
    const instance = readDataSet(inflated, { untilPixelData: true });
    if (hasPixelData(instance.dataset)) return instance;
  }
  throw new AxialError("limit-exceeded", {
    detail: `no pixel data begins within ${MAX_INFLATED_HEADER_BYTES} inflated bytes`,
  });
}

interface Inflated {
  readonly buffer: Buffer;
  /** Nothing follows. */
  readonly whole: boolean;
}

/** The beginning of the inflated data set, as long as each of `limits` until it is whole. */
async function* inflatedUpTo(
  { buffer, at }: FileBody,
  limits: readonly number[],
): AsyncGenerator<Inflated> {
  const inflate = createInflateRaw({ chunkSize: CHUNK_BYTES, finishFlush: constants.Z_SYNC_FLUSH });
  inflate.end(buffer.subarray(at));
  const chunks: Buffer[] = [];
  const [...left] = limits;
  let length = 0;
  try {
    for await (const chunk of inflate as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length <= (left[0] ?? 0)) continue;
      yield { buffer: Buffer.concat(chunks, length), whole: false };
      left.shift();
      if (left.length === 0) return;
    }
    yield { buffer: Buffer.concat(chunks, length), whole: true };
  } catch (cause) {
    if (cause instanceof AxialError) throw cause;
    throw new AxialError("malformed-dicom", { detail: "the data set does not inflate", cause });
  } finally {
    inflate.destroy();
  }
}
