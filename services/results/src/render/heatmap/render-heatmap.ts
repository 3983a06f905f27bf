import type { HeatMaps, ModelPackage, Turn } from "@axial/contracts";
import { AxialError } from "@axial/contracts";
import type { Frame } from "@axial/dicom";
import { placementOf, prepareInput, turnedExtent } from "@axial/imaging";
import sharp from "sharp";
import { type Caption, drawCaption } from "./caption.ts";
import { type Evidence, evidenceOf } from "./class-map.ts";
import { drawColourBar } from "./colour-bar.ts";
import { FAINTEST, layColour, opacityOf } from "./colour-scale.ts";
import type { SliceGeometry } from "./slice-geometry.ts";

/** Larger images are scaled down: a mammogram has 4,096 rows, a slide scan more. */
const MAX_SIDE = 4_096;
/** Narrower images are enlarged, every stored pixel to as many: their captions would fill the page. */
const MIN_WIDTH = 768;
const CHANNELS = 3;

export interface HeatmapRequest {
  readonly frame: Frame;
  readonly maps: HeatMaps;
  /** Index of the slice in the maps. */
  readonly slice: number;
  /** How the slice was turned for the model; null for not at all. */
  readonly turn: Turn | null;
  readonly model: Pick<ModelPackage, "preprocessing" | "input">;
  /** Burned in below the picture. */
  readonly caption: readonly string[];
}

/** RGB bytes, row by row. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

/** A slice with its class map, and where the slice lies. */
export interface HeatmapPicture extends Picture {
  readonly geometry: SliceGeometry | null;
}

/** A PNG file of a picture. */
export function pngOf({ width, height, pixels }: Picture): Promise<Buffer> {
  return sharp(pixels, { raw: { width, height, channels: CHANNELS } })
    .png()
    .toBuffer();
}

/**
 * The slice as the model's intensity transform shows it, a square of pixels per stored pixel, as
 * they lie in the file, in physical proportions, the class map over it, and the scale of its
 * colours and the caption below: no text covers anatomy.
 */
export function drawHeatmap(request: HeatmapRequest): Picture {
  const map = request.maps.maps[request.slice];
  if (map === undefined) throw new AxialError("not-found", { detail: "no such slice" });
  const { frame, turn } = request;
  const drawn = drawSlice(frame, request.model);
  const { input, preprocessing } = request.model;
  const placement = placementOf(turnedExtent(frame, turn), input, preprocessing.resize.policy);
  cover(drawn, evidenceOf(request.maps, map, { ...drawn, turn, placement, input }));
  const picture = enlarged(drawn);
  const caption = inColour(drawCaption(request.caption, picture.width));
  return below(picture, [drawColourBar(picture.width), caption]);
}

/** Every pixel as a square of pixels, so that the picture is at least MIN_WIDTH wide. */
function enlarged(picture: Picture): Picture {
  const times = Math.min(
    Math.ceil(MIN_WIDTH / picture.width),
    Math.max(1, Math.floor(MAX_SIDE / picture.height)),
  );
  if (times <= 1) return picture;
  const [width, height] = [picture.width * times, picture.height * times];
  const pixels = new Uint8Array(width * height * CHANNELS);
  const rowBytes = width * CHANNELS;
  for (let y = 0; y < picture.height; y += 1) {
    const first = y * times * rowBytes;
    widen(picture, y, { into: pixels.subarray(first, first + rowBytes), times });
    for (let copy = 1; copy < times; copy += 1) {
      pixels.copyWithin(first + copy * rowBytes, first, first + rowBytes);
    }
  }
  return { width, height, pixels };
}

/** Row `y` of the picture, every pixel `times` times. */
function widen(
  { width, pixels }: Picture,
  y: number,
  { into, times }: { readonly into: Uint8Array; readonly times: number },
): void {
  let to = 0;
  for (let from = y * width * CHANNELS; from < (y + 1) * width * CHANNELS; from += CHANNELS) {
    for (let copy = 0; copy < times; copy += 1) {
      for (let channel = 0; channel < CHANNELS; channel += 1) {
        into[to++] = pixels[from + channel] ?? 0;
      }
    }
  }
}

function drawSlice(frame: Frame, { preprocessing }: HeatmapRequest["model"]): Picture {
  const tall = frame.rows * frame.pixelAspect;
  const scale = Math.min(1, MAX_SIDE / Math.max(tall, frame.columns));
  const width = Math.max(1, Math.round(frame.columns * scale));
  const height = Math.max(1, Math.round(tall * scale));
  const pixels = new Uint8Array(width * height * CHANNELS);
  prepareInput(
    frame,
    {
      preprocessing: {
        ...preprocessing,
        channels: "rgb",
        orientation: "as-stored",
        invertMonochrome1: true,
        resize: { policy: "stretch", filter: "triangle" },
      },
      input: { name: "", dtype: "uint8", layout: "NHWC", channels: CHANNELS, height, width },
    },
    pixels,
  );
  return { width, height, pixels };
}

function cover({ width, height, pixels }: Picture, evidence: Evidence): void {
  const row = new Float64Array(width);
  for (let y = 0; y < height; y += 1) {
    evidence(y, row);
    for (let x = 0; x < width; x += 1) {
      const strength = row[x] ?? 0;
      if (strength < FAINTEST) continue;
      const at = (y * width + x) * CHANNELS;
      layColour(pixels, at, { evidence: strength, opacity: opacityOf(strength) });
    }
  }
}

function inColour({ width, height, pixels }: Caption): Picture {
  const colours = new Uint8Array(pixels.length * CHANNELS);
  for (let at = 0; at < pixels.length; at += 1) {
    if (pixels[at] !== 0) colours.fill(pixels[at] ?? 0, at * CHANNELS, (at + 1) * CHANNELS);
  }
  return { width, height, pixels: colours };
}

/** Strips of the picture's width below it, one below the other. */
function below(picture: Picture, strips: readonly Picture[]): Picture {
  const parts = [picture, ...strips];
  const height = parts.reduce((sum, part) => sum + part.height, 0);
  const pixels = Buffer.concat(parts.map((part) => part.pixels));
  return { width: picture.width, height, pixels };
}
