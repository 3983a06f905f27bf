import { AxialError } from "@axial/contracts";
import { decodeCompressed } from "./codecs/decode-compressed.ts";
import type { LeastSize } from "./codecs/resolution-level.ts";
import { expand422, interleave, paletteToRgb, toEightBits, ybrToRgb } from "./colour.ts";
import type { DataSet } from "./data-set.ts";
import { encapsulatedFrame } from "./encapsulated-frames.ts";
import type { Frame } from "./frame.ts";
import { holderOf } from "./functional-groups.ts";
import { type Directions, directionsOf, directionsOfLetters } from "./geometry.ts";
import type { DicomInstance } from "./instance.ts";
import { nativeFrame } from "./native-frames.ts";
import { describePixels, type PixelDescription, unsupported } from "./pixel-description.ts";
import type { Samples } from "./samples.ts";
import { storedValues } from "./stored-bits.ts";
import { Tag } from "./tags.ts";
import { modalityTransform, paddingRange, pixelAspectOf, voiTransforms } from "./transforms.ts";

export interface DecodeOptions {
  /**
   * The least rows and columns that the caller can use. A codestream with lower resolutions (JPEG
   * 2000, HTJ2K) is then decoded at the lowest that has them, in a fraction of the time; values
   * are those of its wavelet's low band.
   */
  readonly least?: LeastSize | undefined;
}

/**
 * Decodes frame `frame` (counted from 0) of `instance`: grey frames keep their stored values,
 * colour ones become 8-bit RGB. Throws `no-pixel-data`, `truncated-pixel-data`, `undecodable`,
 * `unsupported-transfer-syntax`, `unsupported-pixel-format` or `limit-exceeded`.
 */
export async function decodeFrame(
  instance: DicomInstance,
  frame: number,
  options: DecodeOptions = {},
): Promise<Frame> {
  const { dataset } = instance;
  const { data, photometric, pixels } = await decodeSamples(instance, frame, options);
  const common = {
    rows: pixels.rows,
    columns: pixels.columns,
    signed: pixels.signed,
    pixelAspect: pixelAspectOf(dataset, frame),
    directions: frameDirections(dataset, frame),
  };
  if (photometric === "MONOCHROME1" || photometric === "MONOCHROME2") {
    return {
      ...common,
      samples: 1,
      data: storedValues(data, pixels),
      bitsStored: pixels.bitsStored,
      photometric,
      modality: modalityTransform(dataset, frame, pixels.signed),
      voi: voiTransforms(dataset, frame, pixels.signed),
      padding: paddingRange(dataset, pixels),
    };
  }
  return {
    ...common,
    samples: 3,
    data: toRgb(instance, { data, photometric, pixels }),
    bitsStored: 8,
    signed: false,
    photometric: "RGB",
    modality: { kind: "linear", slope: 1, intercept: 0 },
    voi: [],
    padding: null,
  };
}

/** The decompressed samples of a frame before any meaning is given to them. Throws as above. */
export async function decodeSamples(
  instance: DicomInstance,
  frame: number,
  { least = null }: { readonly least?: LeastSize | null | undefined } = {},
): Promise<Samples> {
  const { dataset, syntax } = instance;
  const pixels = describePixels(dataset);
  if (!Number.isInteger(frame) || frame < 0 || frame >= pixels.frames) {
    throw new AxialError("truncated-pixel-data", {
      detail: `frame ${frame} of ${pixels.frames}`,
    });
  }
  if (syntax.codec === null) {
    throw new AxialError("unsupported-transfer-syntax", { detail: `${syntax.uid} ${syntax.name}` });
  }
  const encapsulated = dataset.elements.get(Tag.PixelData)?.fragments != null;
  if (encapsulated && syntax.codec !== "native") {
    const bytes = encapsulatedFrame(dataset, frame, pixels.frames);
    return decodeCompressed(syntax.codec, bytes, { pixels, least });
  }
  return nativeSamplesOf(instance, pixels, frame);
}

function nativeSamplesOf(
  { dataset }: DicomInstance,
  pixels: PixelDescription,
  frame: number,
): Samples {
  const data = nativeFrame(dataset, pixels, frame);
  const { photometric } = pixels;
  if (photometric === "YBR_FULL_422" && pixels.samples === 3) {
    return { data: expand422(data, pixels), photometric: "YBR_FULL", pixels };
  }
  const together = pixels.planar ? interleave(data, pixels.rows * pixels.columns) : data;
  return { data: together, photometric, pixels };
}

function toRgb({ dataset }: DicomInstance, { data, photometric, pixels }: Samples): Uint8Array {
  if (photometric === "PALETTE COLOR" && pixels.samples === 1) {
    return paletteToRgb(storedValues(data, pixels), dataset, pixels.signed);
  }
  if (pixels.samples !== 3) throw unsupported(`${photometric} with ${pixels.samples} samples`);
  const bytes = toEightBits(storedValues(data, pixels), pixels.bitsStored);
  switch (photometric) {
    case "RGB":
    case "YBR_RCT":
    case "YBR_ICT":
      return bytes;
    case "YBR_FULL":
    case "YBR_FULL_422":
      return ybrToRgb(bytes);
    default:
      throw unsupported(`photometric interpretation ${photometric}`);
  }
}

/**
 * How frame `frame` (counted from 0) lies in the patient: by ImageOrientationPatient, its own or
 * the shared one, else by PatientOrientation; null when neither says so.
 */
function frameDirections(dataset: DataSet, frame: number): Directions | null {
  const holder = holderOf(dataset, frame, [Tag.PlaneOrientationSequence, Tag.ImageOrientation]);
  const cosines = holder.numbers(Tag.ImageOrientation);
  const known =
    cosines.length >= 6 && cosines.every(Number.isFinite) ? directionsOf(cosines) : null;
  return known ?? directionsOfLetters(dataset.strings(Tag.PatientOrientation));
}
