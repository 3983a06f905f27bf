import type { OwnInstance } from "@axial/store/own";
import type { Dependencies } from "../dependencies.ts";
import { keepObjects } from "../objects/keep-objects.ts";
import { FORMAT_OF_CLASS } from "../objects/object-uids.ts";
import { pdfOf } from "../render/pdf/pdf-of.ts";
import { pdfUid } from "../render/pdf/render-encapsulated-pdf.ts";
import type { Package } from "./package.ts";

type Needed = Pick<Dependencies, "db" | "blobs" | "models" | "drawings">;

/** An object of a run, and the bytes that everyone gets of it. */
export interface SentObject extends OwnInstance {
  readonly format: "sr" | "heatmaps" | "pdf";
  read(): Promise<Buffer>;
}

/** The DICOM objects of a run in the formats that the destination takes, the report first. */
export async function objectsFor(
  dependencies: Needed,
  { sources, destination }: Pick<Package, "sources" | "destination">,
): Promise<SentObject[]> {
  const objects = await keepObjects(dependencies, sources);
  return objects.flatMap((object) => {
    const format = FORMAT_OF_CLASS[object.sopClassUid as keyof typeof FORMAT_OF_CLASS];
    if (!destination.formats.includes(format)) return [];
    return [
      { ...object, format, read: async () => asBuffer(await dependencies.blobs.get(object.blob)) },
    ];
  });
}

/** The same bytes, as Node's own type. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** The page for people as it is kept. */
export async function pdfFor(
  dependencies: Needed,
  { sources }: Pick<Package, "sources">,
): Promise<Buffer | null> {
  const objects = await keepObjects(dependencies, sources);
  const object = objects.find(({ sopInstanceUid }) => sopInstanceUid === pdfUid(sources.report));
  return object === undefined ? null : pdfOf(await dependencies.blobs.get(object.blob));
}
