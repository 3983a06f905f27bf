import { compareDicomReaders } from "./libraries/dicom-readers.ts";
import { compareJpegDecoders } from "./libraries/jpeg-decoders.ts";
import { compareMultipartReaders } from "./libraries/multipart.ts";

/**
 * What we wrote ourselves although a library exists, beside that library: the grounds of the
 * decisions in docs/adr that say so. Rates count processor time of one thread.
 */
export async function runLibraries(): Promise<object> {
  return {
    bench: "libraries",
    dicomReaders: await compareDicomReaders(),
    jpegDecoders: await compareJpegDecoders(),
    multipartReaders: await compareMultipartReaders(),
  };
}
