/** What the @cornerstonejs codecs share: Emscripten modules around one decoder class each. */
declare module "@cornerstonejs/codec-charls/decodewasmjs" {
  const factory: import("./wasm-codec.ts").WasmFactory<"JpegLSDecoder">;
  export = factory;
}
declare module "@cornerstonejs/codec-openjpeg/decodewasmjs" {
  const factory: import("./wasm-codec.ts").WasmFactory<"J2KDecoder">;
  export = factory;
}
declare module "@cornerstonejs/codec-openjph/wasmjs" {
  const factory: import("./wasm-codec.ts").WasmFactory<"HTJ2KDecoder">;
  export = factory;
}
declare module "@cornerstonejs/codec-libjxl/decodewasmjs" {
  const factory: import("./wasm-codec.ts").WasmFactory<"JpegXLDecoder">;
  export = factory;
}
declare module "@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs" {
  const factory: import("./wasm-codec.ts").WasmFactory<"JPEGDecoder">;
  export = factory;
}
