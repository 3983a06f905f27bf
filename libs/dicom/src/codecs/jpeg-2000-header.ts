import { AxialError } from "@axial/contracts";

const FIRST_MARKER = 0xff4f;
const CAPABILITIES = 0xff50;
const CODING_STYLE = 0xff52;
const COMPONENT_CODING_STYLE = 0xff53;
const START_OF_TILE_PART = 0xff90;

/** The SIZ segment, ISO 15444-1 A.5.1: what a decoder will want memory for. */
export function readSize(codestream: Buffer) {
  if (codestream.length < 45) {
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
    /** An image that does not begin at the origin has other sizes when it is halved. */
    atOrigin: at(16) === 0 && at(20) === 0,
    subsampled: isSubsampled(codestream),
    signed: ((codestream[42] ?? 0) & 0x80) !== 0,
  };
}

/** XRsiz and YRsiz of a component: DICOM's components all have the size of the image. */
function isSubsampled(codestream: Buffer): boolean {
  const components = codestream.readUInt16BE(40);
  for (let at = 42; at + 3 <= codestream.length && at < 42 + components * 3; at += 3) {
    if (codestream[at + 1] !== 1 || codestream[at + 2] !== 1) return true;
  }
  return false;
}

/**
 * Throws `undecodable` unless marker segments lead from SIZ to the first tile-part, CAP, which
 * high-throughput streams must have (ISO 15444-15), is among them, and the tile-parts lie inside
 * the stream: where one of these is not so, OpenJPH searches without end.
 */
export function checkHighThroughput(codestream: Buffer, tiles: number): void {
  let at = 2;
  let capable = false;
  while (at + 4 <= codestream.length) {
    const marker = codestream.readUInt16BE(at);
    if (marker === START_OF_TILE_PART && capable) {
      checkTileParts(codestream, at, tiles);
      return;
    }
    if (marker < FIRST_MARKER || marker >= START_OF_TILE_PART) break;
    if (marker === CAPABILITIES) capable = true;
    at += 2 + codestream.readUInt16BE(at + 2);
  }
  throw damaged("the main header");
}

/** A length of 0 means up to the end, A.4.2. */
function checkTileParts(codestream: Buffer, first: number, tiles: number): void {
  let at = first;
  while (at + 12 <= codestream.length && codestream.readUInt16BE(at) === START_OF_TILE_PART) {
    const length = codestream.readUInt32BE(at + 6);
    if (codestream.readUInt16BE(at + 4) >= tiles) throw damaged("a tile number");
    if (length === 0) return;
    if (length < 14 || at + length > codestream.length) throw damaged("a tile-part");
    at += length;
  }
}

function damaged(what: string): AxialError {
  return new AxialError("undecodable", { detail: `JPEG 2000: ${what} is damaged` });
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
 * How often the whole image may be halved: the decomposition levels of COD (A.6.1). None where a
 * component (COC) may have others, or there are tiles, which may have their own.
 */
export function resolutionLevels(codestream: Buffer, tiles: number): number {
  if (tiles !== 1) return 0;
  let levels = 0;
  for (let at = 2; at + 4 <= codestream.length; at += 2 + codestream.readUInt16BE(at + 2)) {
    const marker = codestream.readUInt16BE(at);
    if (marker === START_OF_TILE_PART) return levels;
    if (marker === COMPONENT_CODING_STYLE) return 0;
    if (marker === CODING_STYLE) levels = codestream[at + 9] ?? 0;
  }
  return 0;
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
