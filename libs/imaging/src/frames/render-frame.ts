import { AxialError } from "@axial/contracts";
import type { Frame, VoiTransform } from "@axial/dicom";
import sharp, { type Sharp } from "sharp";
import { greyLevels } from "../grey-levels.ts";

const RENDERED_FORMATS = ["jpeg", "png", "gif"] as const;
export type RenderedFormat = (typeof RENDERED_FORMATS)[number];

/** A rectangle of the image as it is shown; negative width or height mirrors it (PS3.18 8.3.5). */
interface SourceRegion {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** How a frame is to be shown (PS3.18 8.3.5.1). */
export interface RenderOptions {
  readonly format: RenderedFormat;
  /** JPEG only, 1 to 100. */
  readonly quality?: number;
  readonly window?: Extract<VoiTransform, { kind: "window" }>;
  /** The image is scaled to fit into it, its shape kept. */
  readonly viewport?: {
    readonly width: number;
    readonly height: number;
    readonly region?: SourceRegion;
  };
}

const DEFAULT_QUALITY = 90;

/**
 * `frame` as an image file of 8 bits: modality and display transforms applied (the window asked
 * for, else the file's first, else the frame's own range), MONOCHROME1 turned round, pixels square.
 * `invalid-request` for a region that is not inside the image.
 */
export async function renderFrame(frame: Frame, options: RenderOptions): Promise<Uint8Array> {
  const { rows, columns, samples } = frame;
  const data = samples === 3 ? rgb(frame) : grey(frame, options.window);
  const raw = { width: columns, height: rows, channels: samples } as const;
  const height = Math.max(1, Math.round(rows * frame.pixelAspect));
  let image = sharp(data, { raw });
  checkRegion(options.viewport?.region, columns, height);
  if (height !== rows) image = sharp(await squared(image, columns, height));
  const shown = viewed(image, options.viewport);
  return encoded(shown, options);
}

/** A copy: the samples may lie in shared memory, which sharp does not take. */
function rgb({ data }: Frame): Uint8Array {
  return new Uint8Array(data);
}

function grey(frame: Frame, window: RenderOptions["window"]): Uint8Array {
  const shown = window ? { ...frame, voi: [window] } : frame;
  return greyLevels(shown, { intensity: { kind: "voi" }, invertMonochrome1: true });
}

function checkRegion(region: SourceRegion | undefined, columns: number, rows: number): void {
  if (region === undefined) return;
  const [width, height] = [Math.abs(region.width), Math.abs(region.height)];
  const inside = region.left + width <= columns && region.top + height <= rows;
  if (inside && width > 0 && height > 0) return;
  throw new AxialError("invalid-request", { detail: `the image is ${columns} by ${rows}` });
}

/** A finished image first: sharp applies its own order when a cut follows a resize. */
function squared(image: Sharp, width: number, height: number): Promise<Buffer> {
  return image.resize({ width, height, fit: "fill" }).png({ compressionLevel: 0 }).toBuffer();
}

function viewed(image: Sharp, viewport: RenderOptions["viewport"]): Sharp {
  if (viewport === undefined) return image;
  const { width, height, region } = viewport;
  const cut = region === undefined ? image : regionOf(image, region);
  return cut.resize({ width, height, fit: "inside" });
}

function regionOf(image: Sharp, { left, top, width, height }: SourceRegion): Sharp {
  const cut = image.extract({ left, top, width: Math.abs(width), height: Math.abs(height) });
  if (width < 0) cut.flop();
  if (height < 0) cut.flip();
  return cut;
}

async function encoded(image: Sharp, options: RenderOptions): Promise<Uint8Array> {
  switch (options.format) {
    case "png":
      return image.png().toBuffer();
    case "gif":
      return image.gif().toBuffer();
    case "jpeg":
      return image.jpeg({ quality: options.quality ?? DEFAULT_QUALITY }).toBuffer();
  }
}
