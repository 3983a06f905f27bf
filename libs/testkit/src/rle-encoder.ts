const HEADER_BYTES = 64;
const MAX_RUN = 128;

/**
 * One frame as RLE Lossless (PS3.5 annex G): `cells` are little-endian samples of `width` bytes,
 * one sample for each pixel.
 */
export function encodeRle(cells: Buffer, width: number): Buffer {
  const planes = Array.from({ length: width }, (_, i) =>
    packBits(cells.filter((_, at) => at % width === width - 1 - i)),
  );
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32LE(width, 0);
  let offset = HEADER_BYTES;
  planes.forEach((plane, i) => {
    header.writeUInt32LE(offset, 4 + i * 4);
    offset += plane.length;
  });
  return Buffer.concat([header, ...planes]);
}

function packBits(bytes: Uint8Array): Buffer {
  const out: number[] = [];
  let at = 0;
  while (at < bytes.length) {
    const run = runLength(bytes, at);
    if (run >= 3) {
      out.push(257 - run, bytes[at] ?? 0);
      at += run;
    } else {
      const end = literalEnd(bytes, at);
      out.push(end - at - 1, ...bytes.subarray(at, end));
      at = end;
    }
  }
  if (out.length % 2 === 1) out.push(0);
  return Buffer.from(out);
}

function runLength(bytes: Uint8Array, at: number): number {
  let length = 1;
  while (length < MAX_RUN && bytes[at + length] === bytes[at]) length += 1;
  return Math.min(length, bytes.length - at);
}

function literalEnd(bytes: Uint8Array, from: number): number {
  let end = from + 1;
  while (end < bytes.length && end - from < MAX_RUN && runLength(bytes, end) < 3) end += 1;
  return end;
}
