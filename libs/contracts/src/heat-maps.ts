/**
 * The heat-map blob of a task: one class map per slice, in the order of the result's `slices`, all
 * of the same label. One small blob for a whole series costs one write and one sync; the overlay at
 * the slice's own size is rendered on request.
 *
 * Layout, little endian: "AXHM", u16 version, u16 label, u16 height, u16 width, u32 count; then per
 * slice f32 low, f32 high and height × width bytes, where byte b stands for low + b / 255 × (high −
 * low) of the un-normalised class map.
 */
import { AxialError } from "./errors.ts";

const MAGIC = 0x4d_48_58_41;
const VERSION = 1;
const HEADER_BYTES = 16;
const RANGE_BYTES = 8;

/** One slice's class map: row-major bytes, 0 = `low`, 255 = `high`. */
export interface HeatMap {
  readonly low: number;
  readonly high: number;
  readonly values: Uint8Array;
}

export interface HeatMaps {
  /** Index of the explained label in the labels of the model's first head. */
  readonly label: number;
  readonly height: number;
  readonly width: number;
  readonly maps: readonly HeatMap[];
}

/** The bytes of the blob for float class maps of `height` × `width`, one per slice. */
export function encodeHeatMaps(
  shape: { label: number; height: number; width: number },
  maps: readonly Float32Array[],
): Uint8Array {
  const cells = shape.height * shape.width;
  const bytes = new Uint8Array(HEADER_BYTES + maps.length * (RANGE_BYTES + cells));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint16(4, VERSION, true);
  view.setUint16(6, shape.label, true);
  view.setUint16(8, shape.height, true);
  view.setUint16(10, shape.width, true);
  view.setUint32(12, maps.length, true);
  maps.forEach((map, index) => {
    const start = HEADER_BYTES + index * (RANGE_BYTES + cells);
    const { low, high } = rangeOf(map);
    view.setFloat32(start, low, true);
    view.setFloat32(start + 4, high, true);
    quantise(map, { low, high }, bytes.subarray(start + RANGE_BYTES, start + RANGE_BYTES + cells));
  });
  return bytes;
}

/** Reads the blob back. Throws `blob-corrupt` for anything else. */
export function decodeHeatMaps(bytes: Uint8Array): HeatMaps {
  if (bytes.length < HEADER_BYTES) throw notHeatMaps();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [height, width] = [view.getUint16(8, true), view.getUint16(10, true)];
  const [count, step] = [view.getUint32(12, true), RANGE_BYTES + height * width];
  const known = view.getUint32(0, true) === MAGIC && view.getUint16(4, true) === VERSION;
  if (!known || bytes.length !== HEADER_BYTES + count * step) throw notHeatMaps();
  const maps = Array.from({ length: count }, (_, index) => {
    const start = HEADER_BYTES + index * step;
    return {
      low: view.getFloat32(start, true),
      high: view.getFloat32(start + 4, true),
      values: bytes.subarray(start + RANGE_BYTES, start + step),
    };
  });
  return { label: view.getUint16(6, true), height, width, maps };
}

function notHeatMaps(): AxialError {
  return new AxialError("blob-corrupt", { detail: "not a heat-map blob" });
}

function rangeOf(map: Float32Array): { low: number; high: number } {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of map) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return Number.isFinite(low) && Number.isFinite(high) ? { low, high } : { low: 0, high: 0 };
}

function quantise(
  map: Float32Array,
  { low, high }: { low: number; high: number },
  out: Uint8Array,
): void {
  const factor = high > low ? 255 / (high - low) : 0;
  map.forEach((value, index) => {
    out[index] = Math.round((value - low) * factor);
  });
}
