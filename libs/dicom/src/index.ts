export { DataSet, type Element } from "./data-set.ts";
export { decodeFrame, decodeSamples, type Samples } from "./decode-frame.ts";
export {
  type DicomJson,
  type DicomJsonAttribute,
  type DicomJsonOptions,
  toDicomJson,
} from "./dicom-json.ts";
export { type DictionaryEntry, dictionaryEntry, tagOfKeyword } from "./dictionary.ts";
export type {
  Frame,
  LookUpTable,
  ModalityTransform,
  PaddingRange,
  PixelArray,
  VoiTransform,
} from "./frame.ts";
export { planeOf, sliceNormal } from "./geometry.ts";
export type { DicomInstance } from "./instance.ts";
export { instanceFacts } from "./instance-facts.ts";
export * from "./limits.ts";
export { orderSlices, type SliceOrder, sliceOrder } from "./order-slices.ts";
export { type ReadOptions, readInstance } from "./read-instance.ts";
export { Tag } from "./tags.ts";
export {
  decodableTransferSyntaxes,
  EXPLICIT_LITTLE_ENDIAN,
  IMPLICIT_LITTLE_ENDIAN,
  type TransferSyntax,
  transferSyntaxOf,
} from "./transfer-syntax.ts";
