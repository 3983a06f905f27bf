export { chooseSlices } from "./choose-slices.ts";
export { decodeImageFile } from "./decode-image-file.ts";
export type { FrameSourceBytes } from "./frames/frame-messages.ts";
export { type FramePool, openFramePool, sharedBytes } from "./frames/frame-pool.ts";
export {
  RENDERED_FORMATS,
  type RenderedFormat,
  type RenderOptions,
  renderFrame,
  type SourceRegion,
} from "./frames/render-frame.ts";
export { type AxisPlacement, type Placement, placementOf } from "./placement.ts";
export { type InputSpecification, prepareInput, sampleBytes } from "./prepare-input.ts";
export { axesOf, type TurnedAxes, turnedExtent, turnFor } from "./turn.ts";
