import type { Content } from "./content.ts";
import type { DicomReading } from "./dicom-name.ts";
import type { ItemName } from "./file-name.ts";
import type { LeftOutCode } from "./left-out.ts";
import type { FileStats } from "./walk.ts";

/** An item that was read: an instance, an instance that is refused unsent, or something left out. */
export type ReadItem = { readonly name: ItemName; readonly stats: FileStats } & (
  | {
      readonly status: "instance";
      readonly dicom: Extract<DicomReading, { status: "instance" }>["name"];
      readonly content: Content;
    }
  | { readonly status: "refused"; readonly code: string }
  | { readonly status: "left-out"; readonly code: LeftOutCode }
);
