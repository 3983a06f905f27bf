import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { AxialError, asAxialError, type ErrorCode } from "@axial/contracts";
import type { Deidentifier } from "@axial/deidentification";
import { readInstance, Tag } from "@axial/dicom";

/** What became of one file. */
export type Written =
  | { readonly status: "written"; readonly path: string }
  | { readonly status: "refused"; readonly code: ErrorCode };

/**
 * Writes a de-identified copy of a DICOM file below `folder`, by its new UIDs: neither name nor
 * folder of the original says anything there. What cannot be de-identified is not written.
 */
export async function writeDeidentified(
  bytes: Uint8Array,
  deidentifier: Deidentifier,
  folder: string,
): Promise<Written> {
  try {
    const file = await deidentifier.deidentify(readInstance(bytes));
    const path = join(folder, pathOf(file));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, file);
    return { status: "written", path };
  } catch (thrown) {
    const error = asAxialError(thrown);
    if (error.code === "internal") throw thrown;
    return { status: "refused", code: error.code };
  }
}

function pathOf(file: Buffer): string {
  const { dataset } = readInstance(file, { untilPixelData: true });
  const uids = [Tag.StudyInstanceUid, Tag.SeriesInstanceUid, Tag.SopInstanceUid].map((tag) =>
    dataset.string(tag),
  );
  if (uids.includes(null)) throw new AxialError("missing-identifiers");
  return `${uids.join("/")}.dcm`;
}
