import { AxialError } from "@axial/contracts";
import { type Frame, MAX_FRAME_PIXELS } from "@axial/dicom";
import type { Sharp } from "sharp";
import { otherImageFormat } from "./other-image-format.ts";

/** Image formats accepted besides DICOM. */
const FORMATS = new Set(["png", "jpeg"]);

/**
 * Decodes a PNG or JPEG file, upright as its EXIF orientation says, to a grey frame of 8 or 16
 * bits or an 8-bit RGB one; transparency is dropped, colour profiles are ignored. Throws
 * `undecodable`, `limit-exceeded` or `unsupported-pixel-format`.
 */
export async function decodeImageFile(bytes: Uint8Array): Promise<Frame> {
  const other = otherImageFormat(bytes);
  if (other !== null) {
    throw new AxialError("unsupported-pixel-format", {
      detail: `a ${other} file; PNG and JPEG are read`,
    });
  }
  const { default: sharp } = await import("sharp");
  try {
    const image = sharp(bytes, { limitInputPixels: MAX_FRAME_PIXELS, failOn: "error" });
    const metadata = await image.metadata();
    if (!FORMATS.has(metadata.format)) {
      throw new AxialError("unsupported-pixel-format", {
        detail: `a file of format ${metadata.format}; PNG and JPEG are read`,
      });
    }
    const grey = metadata.space === "b-w" || metadata.space === "grey16";
    return await decode(image.autoOrient().removeAlpha(), {
      grey,
      deep: metadata.depth === "ushort",
    });
  } catch (cause) {
    throw asImageError(cause);
  }
}

interface Kind {
  readonly grey: boolean;
  readonly deep: boolean;
}

async function decode(image: Sharp, { grey, deep }: Kind): Promise<Frame> {
  const wide = grey && deep;
  const space = grey ? (wide ? "grey16" : "b-w") : "srgb";
  const { data, info } = await image
    .toColourspace(space)
    .raw({ depth: wide ? "ushort" : "uchar" })
    .toBuffer({ resolveWithObject: true });
  const samples = wide
    ? new Uint16Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.length))
    : new Uint8Array(data.buffer, data.byteOffset, data.length);
  if (info.channels !== 1 && info.channels !== 3) {
    throw new AxialError("unsupported-pixel-format", { detail: `${info.channels} channels` });
  }
  return frameOf(samples, { rows: info.height, columns: info.width, samples: info.channels });
}

function frameOf(
  data: Uint8Array | Uint16Array,
  shape: { rows: number; columns: number; samples: 1 | 3 },
): Frame {
  return {
    ...shape,
    data,
    bitsStored: data.BYTES_PER_ELEMENT * 8,
    signed: false,
    photometric: shape.samples === 1 ? "MONOCHROME2" : "RGB",
    modality: { kind: "linear", slope: 1, intercept: 0 },
    voi: [],
    pixelAspect: 1,
    padding: null,
    directions: null,
  };
}

function asImageError(cause: unknown): AxialError {
  if (cause instanceof AxialError) return cause;
  if (cause instanceof Error && cause.message.includes("pixel limit")) {
    return new AxialError("limit-exceeded", {
      detail: `more than ${MAX_FRAME_PIXELS} pixels`,
      cause,
    });
  }
  return new AxialError("undecodable", { detail: "the image file cannot be decoded", cause });
}
