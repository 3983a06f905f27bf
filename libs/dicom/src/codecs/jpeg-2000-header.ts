import { AxialError } from "@axial/contracts";

const CODING_STYLE = 0xff52;
const START_OF_TILE_PART = 0xff90;

/** The SIZ segment, ISO 15444-1 A.5.1: what a decoder will want memory for. */
export function readSize(codestream: Buffer) {
  if (codestream.length < 43) {
    throw new AxialError("truncated-pixel-data", { detail: "JPEG 2000 header" });
  }
  const at = (offset: number) => codestream.readUInt32BE(offset);
  const across = Math.ceil((at(8) - at(32)) / at(24));
  const down = Math.ceil((at(12) - at(36)) / at(28));
  return {
    columns: at(8) - at(16),
    rows: at(12) - at(20),
    components: codestream.readUInt16BE(40),
    tiles: across * down,
    signed: ((codestream[42] ?? 0) & 0x80) !== 0,
  };
}

/** The multiple component transformation of COD (A.6.1): the decoder undoes it, RGB comes out. */
export function hasColourTransform(codestream: Buffer): boolean {
  let at = 2;
  while (at + 4 <= codestream.length) {
    const marker = codestream.readUInt16BE(at);
    if (marker === START_OF_TILE_PART) return false;
    if (marker === CODING_STYLE) return codestream[at + 8] === 1;
    at += 2 + codestream.readUInt16BE(at + 2);
  }
  return false;
}

/**
 * Where the tile-parts end by their own lengths (SOT, A.4.2), when something else than a further
 * one or the end of the codestream follows; null when the lengths lead nowhere.
 */
export function endOfTileParts(codestream: Buffer): number | null {
  let at = codestream.indexOf(Buffer.of(0xff, 0x90));
  if (at < 0) return null;
  while (at + 12 <= codestream.length && codestream.readUInt16BE(at) === START_OF_TILE_PART) {
    const length = codestream.readUInt32BE(at + 6);
    if (length < 14 || at + length > codestream.length) return null;
    at += length;
  }
  return at;
}
