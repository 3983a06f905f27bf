export * from "./import-onnx.ts";
export * from "./import-options.ts";
export * from "./import-tfjs.ts";
export { type Preprocess, PreprocessSchema } from "./package/preprocess.ts";
