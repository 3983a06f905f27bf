export { chooseSlices } from "./choose-slices.ts";
export { decodeImageFile } from "./decode-image-file.ts";
export { placementOf } from "./placement.ts";
export { type InputSpecification, prepareInput, sampleBytes } from "./prepare-input.ts";
