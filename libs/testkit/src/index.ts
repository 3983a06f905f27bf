export * from "./dicom-writer.ts";
export * from "./eventually.ts";
export * from "./free-port.ts";
export * from "./postgres.ts";
export * from "./queue-backends.ts";
export * from "./redis.ts";
export * from "./shared-data.ts";
export * from "./tiny-model.ts";
