export * from "./package/golden-cases.ts";
export * from "./package/list-packages.ts";
export * from "./package/load-package.ts";
export * from "./package/onnx-file.ts";
export * from "./package/preprocessing-hash.ts";
export * from "./session/inference-session.ts";
export * from "./session/open-session.ts";
export * from "./session/verify-golden.ts";
