import { decodeFrame, readInstance } from "@axial/dicom";
import { decodeImageFile } from "./decode-image-file.ts";
import type { PreparedFrame, PrepareRequest } from "./decode-messages.ts";
import { prepareInput } from "./prepare-input.ts";

/**
 * Decodes one frame in this thread and writes it into `out` as the model wants it. Throws what
 * `readInstance`, `decodeFrame` and `decodeImageFile` throw.
 */
export async function prepareSample(
  request: PrepareRequest,
  out: Uint8Array,
): Promise<PreparedFrame> {
  const { bytes, kind, preprocessing, input } = request;
  const frame =
    kind === "dicom"
      ? await decodeFrame(readInstance(bytes), request.frame)
      : await decodeImageFile(bytes);
  prepareInput(frame, { preprocessing, input }, out);
  return { rows: frame.rows, columns: frame.columns };
}
