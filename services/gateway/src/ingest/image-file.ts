import { AxialError, type InstanceFacts, UNSTATED_FACTS } from "@axial/contracts";
import { MAX_FRAME_PIXELS } from "@axial/dicom";

const PNG_MAGIC = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const JPEG_MAGIC = Buffer.from([0xff, 0xd8, 0xff]);

/** PNG or JPEG by its first bytes; null for anything else. */
export function imageKind(bytes: Buffer): "png" | "jpeg" | null {
  if (bytes.subarray(0, PNG_MAGIC.length).equals(PNG_MAGIC)) return "png";
  return bytes.subarray(0, JPEG_MAGIC.length).equals(JPEG_MAGIC) ? "jpeg" : null;
}

/** Facts that an image file lacks. */
export type Uids = Pick<InstanceFacts, "studyUid" | "seriesUid" | "sopInstanceUid">;

/**
 * The facts of an image file as an instance. Throws `undecodable` when its header states no size, and
 * `limit-exceeded` when that is too large; a worker decodes the pixels.
 */
export function imageFacts(bytes: Buffer, kind: "png" | "jpeg"): Omit<InstanceFacts, keyof Uids> {
  const size = kind === "png" ? pngSize(bytes) : jpegSize(bytes);
  if (size === null || size.rows === 0 || size.columns === 0) {
    throw new AxialError("undecodable", { detail: "the image's header states no size" });
  }
  if (size.rows * size.columns > MAX_FRAME_PIXELS) {
    throw new AxialError("limit-exceeded", { detail: `limit: ${MAX_FRAME_PIXELS} pixels` });
  }
  return { ...NO_TAGS, ...size };
}

/** Secondary Capture Image Storage: what an image without DICOM tags would be. */
const SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7";

const NO_TAGS = {
  ...UNSTATED_FACTS,
  sopClassUid: SECONDARY_CAPTURE,
  transferSyntax: "",
  modality: "OT",
} satisfies Partial<InstanceFacts>;

interface Size {
  readonly rows: number;
  readonly columns: number;
}

/** IHDR is the first chunk (PNG specification, 5.6). */
function pngSize(bytes: Buffer): Size | null {
  if (bytes.length < 24 || bytes.toString("latin1", 12, 16) !== "IHDR") return null;
  return { columns: bytes.readUInt32BE(16), rows: bytes.readUInt32BE(20) };
}

/** Walks the segments to the frame header (ITU-T T.81, B.2.2). */
function jpegSize(bytes: Buffer): Size | null {
  let at = 2;
  while (at + 9 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { rows: bytes.readUInt16BE(at + 5), columns: bytes.readUInt16BE(at + 7) };
    at += 2 + bytes.readUInt16BE(at + 2);
  }
  return null;
}
