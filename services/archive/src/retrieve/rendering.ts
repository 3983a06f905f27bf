import { AxialError } from "@axial/contracts";
import type { RenderedFormat, RenderOptions } from "@axial/imaging";
import { MAX_VIEWPORT } from "./limits.ts";

export const IMAGE_TYPES = ["image/jpeg", "image/png", "image/gif"] as const;
export type ImageType = (typeof IMAGE_TYPES)[number];

const FORMATS: Readonly<Record<ImageType, RenderedFormat>> = {
  "image/jpeg": "jpeg",
  "image/png": "png",
  "image/gif": "gif",
};
const SHAPES = { linear: "LINEAR", "linear-exact": "LINEAR_EXACT", sigmoid: "SIGMOID" } as const;

/** Query parameters of rendered resources (PS3.18 8.3.5.1) that are followed. */
export interface RenderQuery {
  readonly quality?: string;
  readonly window?: string;
  readonly viewport?: string;
}

/** How a rendering is asked for; `invalid-request` for parameters that are malformed. */
export function renderOptions(query: RenderQuery, type: ImageType): RenderOptions {
  const { quality, window, viewport } = query;
  return {
    format: FORMATS[type],
    ...(quality === undefined ? {} : { quality: qualityOf(quality) }),
    ...(window === undefined ? {} : { window: windowOf(window) }),
    ...(viewport === undefined ? {} : { viewport: viewportOf(viewport) }),
  };
}

function qualityOf(text: string): number {
  const quality = Number(text);
  if (Number.isInteger(quality) && quality >= 1 && quality <= 100) return quality;
  throw malformed("quality is a number from 1 to 100");
}

/** `center,width,shape`; older clients leave the shape out. */
function windowOf(text: string): NonNullable<RenderOptions["window"]> {
  const [center, width, shape = "linear", ...more] = text.split(",");
  const values = { center: decimal(center), width: decimal(width) };
  const least = shape === "linear" ? 1 : Number.MIN_VALUE;
  if (more.length > 0 || !isShape(shape) || !(values.width >= least)) {
    throw malformed("window is center,width,shape with shape linear, linear-exact or sigmoid");
  }
  if (!Number.isFinite(values.center) || !Number.isFinite(values.width)) {
    throw malformed("center and width of the window are numbers");
  }
  return { kind: "window", ...values, shape: SHAPES[shape] };
}

function isShape(text: string): text is keyof typeof SHAPES {
  return Object.hasOwn(SHAPES, text);
}

/** `width,height` of the result, and the part of the image: `left,top,width,height`. */
function viewportOf(text: string): NonNullable<RenderOptions["viewport"]> {
  const numbers = text.split(",").map(decimal);
  const [width = 0, height = 0, left = 0, top = 0, sourceWidth, sourceHeight] = numbers;
  const sizes = [width, height].every((size) => size >= 1 && size <= MAX_VIEWPORT);
  const whole = numbers.every(Number.isInteger) && left >= 0 && top >= 0;
  if (!whole || !sizes || (numbers.length !== 2 && numbers.length !== 6)) {
    throw malformed(`viewport is width,height of at most ${MAX_VIEWPORT}, or these and a region`);
  }
  if (sourceWidth === undefined || sourceHeight === undefined) return { width, height };
  return { width, height, region: { left, top, width: sourceWidth, height: sourceHeight } };
}

function decimal(text: string | undefined): number {
  return text === undefined || text.trim() === "" ? Number.NaN : Number(text);
}

function malformed(detail: string): AxialError {
  return new AxialError("invalid-request", { detail });
}
