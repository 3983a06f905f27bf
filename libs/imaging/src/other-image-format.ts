const ascii = (text: string) => [...Buffer.from(text, "latin1")];

/** The first bytes of files in formats that people take for images to send, and that are not read. */
const SIGNATURES: readonly (readonly [name: string, at: number, bytes: readonly number[]])[] = [
  ["GIF", 0, ascii("GIF8")],
  ["TIFF", 0, [...ascii("II*"), 0]],
  ["TIFF", 0, [...ascii("MM"), 0, 0x2a]],
  ["BMP", 0, ascii("BM")],
  ["WebP", 8, ascii("WEBP")],
  ["JPEG 2000", 4, ascii("jP  ")],
  ["HEIF", 4, ascii("ftyphe")],
  ["AVIF", 4, ascii("ftypavif")],
  ["PDF", 0, ascii("%PDF")],
];

/** The name of an image format that Axial does not read, by the file's first bytes; null otherwise. */
export function otherImageFormat(bytes: Uint8Array): string | null {
  const found = SIGNATURES.find(([, at, signature]) =>
    signature.every((byte, index) => bytes[at + index] === byte),
  );
  return found?.[0] ?? null;
}
