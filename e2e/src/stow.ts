/** A multipart/related body of DICOM parts (PS3.18 §8.7.3.5.1). */
export function multipartRelated(parts: readonly Uint8Array[]): {
  readonly contentType: string;
  readonly body: Buffer<ArrayBuffer>;
} {
  const boundary = "axial-e2e-boundary";
  const body = Buffer.concat([
    ...parts.flatMap((part) => [
      Buffer.from(`--${boundary}\r\nContent-Type: application/dicom\r\n\r\n`),
      part,
      Buffer.from("\r\n"),
    ]),
    Buffer.from(`--${boundary}--\r\n`),
  ]);
  return {
    contentType: `multipart/related; type="application/dicom"; boundary=${boundary}`,
    body,
  };
}
