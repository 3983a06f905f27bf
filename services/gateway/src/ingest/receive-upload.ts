import { AxialError } from "@axial/contracts";
import type { MediaType } from "@axial/kit";
import { MultipartReader } from "../multipart/multipart-reader.ts";
import { bodyChunks } from "./body-chunks.ts";
import { MAX_INSTANCES_PER_REQUEST } from "./limits.ts";
import type { StoreReport } from "./store-report.ts";
import { type IngestDependencies, Upload, type UploadOptions } from "./upload.ts";

const DICOM = "application/dicom";
const MULTIPART = "multipart/related";

/** Rejects what STOW-RS bodies cannot be: `unsupported-media-type`, `invalid-multipart`. */
export function checkUploadType(media: MediaType): void {
  const wanted = media.parameters.get("type")?.toLowerCase() ?? DICOM;
  const known = media.type === DICOM || (media.type === MULTIPART && wanted === DICOM);
  if (!known) throw new AxialError("unsupported-media-type");
  if (media.type === MULTIPART && !media.parameters.get("boundary")) {
    throw new AxialError("invalid-multipart", { detail: "no boundary parameter" });
  }
}

/**
 * Stores the instances of a request body, multipart or a single one, and reports on each. Throws
 * only when nothing was stored: `invalid-multipart`, `invalid-request`, `unavailable`. A body that
 * breaks off after instances were stored is a report with one more failure.
 */
export async function receiveUpload(
  body: { readonly media: MediaType; readonly bytes: AsyncIterable<Buffer> },
  dependencies: IngestDependencies,
  options: UploadOptions,
): Promise<StoreReport> {
  const upload = new Upload(dependencies, options);
  const bytes = bodyChunks(body.bytes);
  try {
    if (body.media.type === DICOM) await upload.receive(bytes);
    else
      await receiveParts(new MultipartReader(bytes, body.media.parameters.get("boundary")), upload);
  } catch (error) {
    if (upload.count === 0) throw error;
    upload.breakOff(error);
  }
  if (upload.count === 0) throw new AxialError("invalid-request", { detail: "no instances" });
  return upload.finish();
}

async function receiveParts(reader: MultipartReader, upload: Upload): Promise<void> {
  for (let part = await reader.next(); part !== null; part = await reader.next()) {
    if (upload.count >= MAX_INSTANCES_PER_REQUEST) {
      throw new AxialError("payload-too-large", {
        detail: `limit: ${MAX_INSTANCES_PER_REQUEST} instances in a request`,
      });
    }
    await upload.receive(part.body);
  }
}
