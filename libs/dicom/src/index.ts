export { DataSet, type Element } from "./data-set.ts";
export { decodeFrame, decodeSamples } from "./decode-frame.ts";
export {
  attributeJson,
  type DicomJson,
  type DicomJsonAttribute,
  toDicomJson,
} from "./dicom-json.ts";
export { dictionaryEntry, tagOfKeyword } from "./dictionary.ts";
export { encapsulatedFrame } from "./encapsulated-frames.ts";
export type {
  Frame,
  ModalityTransform,
  PaddingRange,
  PixelArray,
  VoiTransform,
} from "./frame.ts";
export { holderOf } from "./functional-groups.ts";
export { type Directions, directionsOf, planeOf, type Vector } from "./geometry.ts";
export { endsBeforeImage } from "./image-classes.ts";
export type { DicomInstance } from "./instance.ts";
export { frameCount, instanceFacts } from "./instance-facts.ts";
export * from "./limits.ts";
export { explicitVr, littleEndianValue } from "./little-endian-value.ts";
export { numberOfString, numberStringJson } from "./number-string.ts";
export { describePixels, type PixelDescription } from "./pixel-description.ts";
export { readHeader, readQuickly } from "./read-header.ts";
export { hasPixelData, readFileMeta, readInstance } from "./read-instance.ts";
export { compareDataSets } from "./same-data-set.ts";
export type { Samples } from "./samples.ts";
export { medianSpacing, type Places, placesOf } from "./slices/places.ts";
export { type Slice, slicesOf } from "./slices/slice.ts";
export { stacksOf } from "./slices/stacks.ts";
export { Tag } from "./tags.ts";
export {
  decodableTransferSyntaxes,
  EXPLICIT_LITTLE_ENDIAN,
  IMPLICIT_LITTLE_ENDIAN,
  transferSyntaxOf,
} from "./transfer-syntax.ts";
export {
  elementHeader,
  writeElement,
  writeItems,
} from "./write/element-writer.ts";
export { writeFileMeta } from "./write/file-meta.ts";
export { uncompressedDescription } from "./write/uncompressed-description.ts";
export {
  isEncapsulated,
  nativeUnit,
  type UncompressedFrame,
  uncompressedFrame,
} from "./write/uncompressed-frame.ts";
export { writeInstance } from "./write/write-instance.ts";
export { type Attributes, writeObject } from "./write/write-object.ts";
