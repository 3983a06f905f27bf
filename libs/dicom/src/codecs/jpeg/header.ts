import { AxialError } from "@axial/contracts";

/** Markers of ISO 10918-1 table B.1 that are read here. */
export const Marker = {
  SOF0: 0xc0,
  SOF1: 0xc1,
  SOF2: 0xc2,
  SOF3: 0xc3,
  DHT: 0xc4,
  SOF55: 0xf7,
  SOI: 0xd8,
  EOI: 0xd9,
  SOS: 0xda,
  DQT: 0xdb,
  DRI: 0xdd,
  APP0: 0xe0,
  APP14: 0xee,
} as const;

export interface Component {
  readonly id: number;
  readonly horizontal: number;
  readonly vertical: number;
  readonly quantisation: number;
}

/** A marker segment: `start` is the first byte after its length, `end` the one after the last. */
interface Segment {
  readonly marker: number;
  readonly start: number;
  readonly end: number;
}

export interface JpegHeader {
  /** Which SOF: 0xc0 baseline, 0xc1 extended, 0xc3 lossless, 0xf7 JPEG-LS … */
  readonly process: number;
  readonly precision: number;
  readonly rows: number;
  readonly columns: number;
  readonly components: number;
  readonly layout: readonly Component[];
  /** Adobe's colour transform flag; null without an APP14 segment. */
  readonly adobeTransform: number | null;
  readonly jfif: boolean;
  /** Every segment up to and including the first SOS. */
  readonly segments: readonly Segment[];
}

/** More segments before the first scan than any writer makes. */
const MAX_SEGMENTS = 1_000;

/** Reads a JPEG or JPEG-LS header up to its first scan; throws `undecodable`. */
export function readJpegHeader(bytes: Buffer): JpegHeader {
  const segments = readSegments(bytes);
  const frame = segments.find(({ marker }) => isFrameMarker(marker));
  if (frame === undefined) throw undecodable("no frame header");
  const { start, end, marker } = frame;
  if (end - start < 6) throw undecodable("short frame header");
  const components = bytes[start + 5] ?? 0;
  if (end - start < 6 + components * 3) throw undecodable("short frame header");
  const adobe = segments.find((segment) => isAdobe(bytes, segment));
  return {
    process: marker,
    precision: bytes[start] ?? 0,
    rows: bytes.readUInt16BE(start + 1),
    columns: bytes.readUInt16BE(start + 3),
    components,
    layout: Array.from({ length: components }, (_, i) => readComponent(bytes, start + 6 + i * 3)),
    adobeTransform: adobe ? (bytes[adobe.start + 11] ?? 0) : null,
    jfif: segments.some((segment) => segment.marker === Marker.APP0),
    segments,
  };
}

function readSegments(bytes: Buffer): Segment[] {
  if (bytes[0] !== 0xff || bytes[1] !== Marker.SOI) throw undecodable("no start of image");
  const segments: Segment[] = [];
  let at = 2;
  while (at + 4 <= bytes.length && segments.length < MAX_SEGMENTS) {
    const next = readSegment(bytes, at);
    segments.push(next);
    if (next.marker === Marker.SOS) return segments;
    at = next.end;
  }
  throw undecodable("no scan");
}

/** The segment that begins at or after `at`; bytes before its marker are fill. */
export function readSegment(bytes: Buffer, at: number): Segment {
  let place = at;
  while (place < bytes.length && bytes[place] !== 0xff) place += 1;
  while (place < bytes.length && bytes[place] === 0xff) place += 1;
  if (place + 3 > bytes.length) throw undecodable("the header ends too early");
  const end = place + 1 + bytes.readUInt16BE(place + 1);
  if (end > bytes.length || end < place + 3) throw undecodable("a segment ends after the bytes");
  return { marker: bytes[place] ?? 0, start: place + 3, end };
}

function isFrameMarker(marker: number): boolean {
  const sof = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
  return sof || marker === Marker.SOF55;
}

function isAdobe(bytes: Buffer, { marker, start, end }: Segment): boolean {
  const named = bytes.toString("latin1", start, start + 5) === "Adobe";
  return marker === Marker.APP14 && end - start >= 12 && named;
}

function readComponent(bytes: Buffer, at: number): Component {
  const sampling = bytes[at + 1] ?? 0;
  return {
    id: bytes[at] ?? 0,
    horizontal: sampling >> 4,
    vertical: sampling & 15,
    quantisation: bytes[at + 2] ?? 0,
  };
}

export function undecodable(detail: string): AxialError {
  return new AxialError("undecodable", { detail: `JPEG: ${detail}` });
}

/** Throws unless `bytes` can hold `codes` Huffman codes: memory is taken for no claim alone. */
export function checkCodes(bytes: Buffer, codes: number): void {
  if (bytes.length * 8 < codes) throw undecodable("too few bytes for the image");
}
