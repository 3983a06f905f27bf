export { chooseSlices, partFor } from "./choose-slices.ts";
export { decodeImageFile } from "./decode-image-file.ts";
export { type FramePool, openFramePool, sharedBytes } from "./frames/frame-pool.ts";
export type {
  RenderedFormat,
  RenderOptions,
} from "./frames/render-frame.ts";
export { inputFigures } from "./input-figures.ts";
export { otherImageFormat } from "./other-image-format.ts";
export { type AxisPlacement, type Placement, placementOf } from "./placement.ts";
export { prepareInput, sampleBytes } from "./prepare-input.ts";
export { serveTenants } from "./threads/serve-tenants.ts";
export { TenantThreads } from "./threads/tenant-threads.ts";
export { ThreadLostError, ThreadPool } from "./threads/thread-pool.ts";
export { serveThread, threadSetup } from "./threads/thread-server.ts";
export { axesOf, turnedExtent, turnFor } from "./turn.ts";
