/** The encoders that lie beside the decoders in the @cornerstonejs packages. */
declare module "@cornerstonejs/codec-charls/wasmjs" {
  const factory: import("./encode-frame.ts").EncoderFactory<"JpegLSEncoder">;
  export = factory;
}
declare module "@cornerstonejs/codec-openjpeg/wasmjs" {
  const factory: import("./encode-frame.ts").EncoderFactory<"J2KEncoder">;
  export = factory;
}
declare module "@cornerstonejs/codec-openjph" {
  const factory: import("./encode-frame.ts").EncoderFactory<"HTJ2KEncoder">;
  export = factory;
}
