import { type DicomInstance, Tag } from "@axial/dicom";
import { answerFrom, declaredLength, type HeaderAnswer, type HeaderWish } from "./header-answer.ts";
import { MAX_TRAILED_FILE_BYTES, WHOLE_FILE_BYTES } from "./limits.ts";

/** The first bytes of a file, and how long it is. */
export interface FilePart {
  readonly bytes: Uint8Array;
  readonly fileBytes: number;
}

/** `more`: the header is longer than what was read. */
export type HeaderReading = HeaderAnswer | { readonly kind: "more" };

/** Answers if the header that was read from `part` is whole. */
export function readingOf(
  instance: DicomInstance,
  { bytes, fileBytes }: FilePart,
  wish: HeaderWish,
): HeaderReading {
  const whole = bytes.length >= fileBytes || endsWithPixels(instance, fileBytes);
  return whole && !(instance.truncated && bytes.length < fileBytes)
    ? answerFrom(instance, wish)
    : { kind: "more" };
}

/** Attributes behind the pixel data are left out in large files. */
function endsWithPixels({ dataset, syntax }: DicomInstance, bytes: number): boolean {
  const pixels = dataset.elements.get(Tag.PixelData);
  if (pixels === undefined) return false;
  if (syntax.deflated) return true;
  if (pixels.fragments !== null) return bytes > WHOLE_FILE_BYTES;
  return bytes > MAX_TRAILED_FILE_BYTES || pixels.offset + declaredLength(dataset, pixels) >= bytes;
}
