import { readdir, readFile, stat } from "node:fs/promises";
import { dirname, extname, join, relative, sep } from "node:path";
import { AxialError } from "@axial/contracts";
import { parseCsv } from "./csv.ts";

const IMAGE_EXTENSIONS = new Set([".png", ".jpg", ".jpeg"]);
/** DICOM files often have no extension at all. */
const DICOM_EXTENSIONS = new Set([".dcm", ".dicom", ""]);
const LABELS_FILE = "manifest.csv";
const MOST_LISTED = 10;
/** As spreadsheets count: the header is row 1. */
const FIRST_ROW = 2;

export interface LabelledImage {
  readonly path: string;
  readonly kind: "dicom" | "image";
  /** Its row in the table, where the header is row 1; null without a table. */
  readonly row: number | null;
  /** Its row in the table, or `label`: the name of its folder. */
  readonly columns: Readonly<Record<string, string>>;
}

export interface LabelledImagesOptions {
  readonly images: string;
  /** A CSV with a column `file`; by default `manifest.csv` in the folder, else folder names. */
  readonly labels?: string;
  /** Only rows whose column `split` says this. */
  readonly split?: string;
}

/** The images to evaluate, with their labels. Throws `invalid-request`. */
export async function labelledImages(options: LabelledImagesOptions): Promise<LabelledImage[]> {
  const table = options.labels ?? (await ownLabels(options.images));
  const found =
    table === null ? await fromFolders(options.images) : await fromTable(options.images, table);
  const { split } = options;
  const chosen = found.filter(({ columns }) => split === undefined || columns.split === split);
  if (chosen.length === 0) {
    throw new AxialError("invalid-request", { detail: "no labelled image was found" });
  }
  await assertPresent(chosen);
  return chosen;
}

/** Throws `invalid-request` with the rows whose files are missing. */
async function assertPresent(images: readonly LabelledImage[]): Promise<void> {
  const found = await Promise.all(images.map(({ path }) => stat(path).catch(() => null)));
  const missing = images.filter((_, index) => !found[index]?.isFile());
  if (missing.length === 0) return;
  throw new AxialError("invalid-request", {
    detail: `files are missing: ${listed(missing.map((image) => `${placeOf(image)}`))}`,
  });
}

/** `row 7 (images/a.png)`, or the path alone. */
export function placeOf({ row, path }: LabelledImage): string {
  return row === null ? path : `row ${row} (${path})`;
}

/** The first of many things, and how many more there are. */
export function listed(things: readonly string[]): string {
  const more = things.length - MOST_LISTED;
  const shown = things.slice(0, MOST_LISTED).join(", ");
  return more > 0 ? `${shown} and ${more} more` : shown;
}

async function ownLabels(images: string): Promise<string | null> {
  const path = join(images, LABELS_FILE);
  return (await stat(path).catch(() => null)) === null ? null : path;
}

async function fromTable(images: string, table: string): Promise<LabelledImage[]> {
  const text = await readFile(table, "utf8").catch((cause: unknown) => {
    throw new AxialError("invalid-request", { detail: `cannot read ${table}`, cause });
  });
  return parseCsv(text).map((columns, index) => {
    if (columns.file === undefined) {
      throw new AxialError("invalid-request", { detail: `${table} has no column "file"` });
    }
    const path = join(images, columns.file);
    return { path, kind: kindOf(path) ?? "dicom", row: index + FIRST_ROW, columns };
  });
}

async function fromFolders(images: string): Promise<LabelledImage[]> {
  const entries = await readdir(images, { recursive: true, withFileTypes: true });
  const found = entries.flatMap((entry) => {
    const path = join(entry.parentPath, entry.name);
    const kind = entry.isFile() ? kindOf(path) : null;
    const [label = ""] = relative(images, dirname(path)).split(sep);
    return kind === null || label === "" ? [] : [{ path, kind, row: null, columns: { label } }];
  });
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function kindOf(path: string): LabelledImage["kind"] | null {
  const extension = extname(path).toLowerCase();
  if (IMAGE_EXTENSIONS.has(extension)) return "image";
  return DICOM_EXTENSIONS.has(extension) ? "dicom" : null;
}
