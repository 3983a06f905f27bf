import { AxialError } from "@axial/contracts";
import {
  type DataSet,
  type DicomInstance,
  type Element,
  littleEndianValue,
  Tag,
} from "@axial/dicom";
import type { StoredInstance } from "@axial/store/search";
import type { Dependencies } from "../dependencies.ts";
import type { ByteRange } from "./conditional.ts";
import { frameBytes } from "./frames.ts";
import { declaredLength, readHeader } from "./stored-file.ts";

/** A bulk value. `size` is known where its bytes are there as they are, and parts can be had. */
export interface BulkData {
  readonly size: number | null;
  open(range: ByteRange | null): Promise<AsyncIterable<Buffer>> | AsyncIterable<Buffer>;
}

const PATH = /^[0-9A-Fa-f]{8}(\/\d{1,6}\/[0-9A-Fa-f]{8})*$/;
const PIXEL_TAGS: readonly number[] = [Tag.PixelData, Tag.FloatPixelData, Tag.DoubleFloatPixelData];

/**
 * The value at `path`: a tag, after tags and item numbers of what encloses it, as /metadata gives
 * it. Throws `not-found` when there is none. Compressed pixel data is sent uncompressed, frame by
 * frame.
 */
export async function bulkData(
  dependencies: Dependencies,
  stored: StoredInstance,
  path: string,
): Promise<BulkData> {
  const header = await readHeader(dependencies.blobs, stored);
  const found = PATH.test(path) ? findElement(header.dataset, path.split("/")) : null;
  if (found === null) throw new AxialError("not-found", { detail: "no such bulk data" });
  const { dataset, element } = found;
  if (PIXEL_TAGS.includes(element.tag)) return pixelData(dependencies, stored, { header, element });
  const value = littleEndianValue(dataset, element);
  return {
    size: value.length,
    open: (range) => piece(value.subarray(range?.start ?? 0, range?.end ?? value.length)),
  };
}

async function* piece(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

interface Found {
  readonly dataset: DataSet;
  readonly element: Element;
}

function findElement(
  dataset: DataSet,
  [tag = "", index, ...rest]: readonly string[],
): Found | null {
  const element = dataset.elements.get(Number.parseInt(tag, 16));
  if (element === undefined) return null;
  if (index === undefined) return element.items === null ? { dataset, element } : null;
  const item = element.items?.[Number(index)];
  return item === undefined ? null : findElement(item, rest);
}

interface Pixels {
  readonly header: DicomInstance;
  readonly element: Element;
}

/** Uncompressed pixel data lies in the file as it is sent: any part of it can be streamed. */
function pixelData(
  dependencies: Dependencies,
  stored: StoredInstance,
  { header, element }: Pixels,
): BulkData {
  const { syntax, dataset } = header;
  if (element.fragments !== null || syntax.deflated || !syntax.littleEndian) {
    const frames = Array.from({ length: stored.frames }, (_, frame) => frame);
    return {
      size: null,
      open: () => frameBytes(dependencies, stored, { frames, form: "explicit" }),
    };
  }
  const { offset } = element;
  const size = Math.min(declaredLength(dataset, element), stored.bytes - offset);
  return {
    size,
    open: (range) =>
      dependencies.blobs.getStream(stored.blob, {
        start: offset + (range?.start ?? 0),
        end: offset + (range?.end ?? size),
      }),
  };
}
