import type { HeatMaps, ModelPackage, Turn } from "@axial/contracts";
import { AxialError } from "@axial/contracts";
import type { Frame } from "@axial/dicom";
import { placementOf, prepareInput, turnedExtent } from "@axial/imaging";
import sharp from "sharp";
import { type Caption, drawCaption } from "./caption.ts";
import { type Evidence, evidenceOf } from "./class-map.ts";
import { drawColourBar } from "./colour-bar.ts";
import { colourOf, opacityOf } from "./colour-scale.ts";

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
  const picture = enlarged(drawSlice(frame, request.model));
  const { input, preprocessing } = request.model;
  const placement = placementOf(turnedExtent(frame, turn), input, preprocessing.resize.policy);
  cover(picture, evidenceOf(request.maps, map, { ...picture, turn, placement, input }));
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
  for (let y = 0; y < height; y += 1) {
    const row = Math.floor(y / times) * picture.width;
    for (let x = 0; x < width; x += 1) {
      const from = (row + Math.floor(x / times)) * CHANNELS;
      pixels.set(picture.pixels.subarray(from, from + CHANNELS), (y * width + x) * CHANNELS);
    }
  }
  return { width, height, pixels };
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
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const strength = evidence(x, y);
      const opacity = opacityOf(strength);
      if (opacity > 0) blend(pixels, (y * width + x) * CHANNELS, { strength, opacity });
    }
  }
}

function blend(
  pixels: Uint8Array,
  at: number,
  { strength, opacity }: { strength: number; opacity: number },
): void {
  const colour = colourOf(strength);
  colour.forEach((level, channel) => {
    const below = pixels[at + channel] ?? 0;
    pixels[at + channel] = Math.round(below + (level - below) * opacity);
  });
}

function inColour({ width, height, pixels }: Caption): Picture {
  const colours = new Uint8Array(pixels.length * CHANNELS);
  pixels.forEach((level, at) => {
    colours.fill(level, at * CHANNELS, (at + 1) * CHANNELS);
  });
  return { width, height, pixels: colours };
}

/** Strips of the picture's width below it, one below the other. */
function below(picture: Picture, strips: readonly Picture[]): Picture {
  const parts = [picture, ...strips];
  const height = parts.reduce((sum, part) => sum + part.height, 0);
  const pixels = Buffer.concat(parts.map((part) => part.pixels));
  return { width: picture.width, height, pixels };
}
