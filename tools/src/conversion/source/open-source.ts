import { lstat, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { AxialError } from "@axial/contracts";
import { readZip } from "./read-zip.ts";
import { LIMITS, SourceFiles } from "./source-files.ts";

const TOPOLOGY = "model.json";

/**
 * The files of an export: a zip archive or a folder, `model.json` at its top or in its only folder
 * that holds one. Throws `invalid-request` when the path does not exist, `invalid-model` or
 * `limit-exceeded` for files that must not be read.
 */
export async function openSource(path: string): Promise<SourceFiles> {
  const found = await lstat(path).catch(() => null);
  if (found === null) {
    throw new AxialError("invalid-request", { detail: `${path} does not exist` });
  }
  if (found.isDirectory()) return beside(await readFolder(path));
  if (!found.isFile()) throw invalid(`${path} is neither a file nor a folder`);
  if (found.size > LIMITS.totalBytes) throw tooLarge(path, found.size);
  return beside(await readZip(await readFile(path)));
}

/** Only plain files: a link in an export could lead anywhere. */
async function readFolder(folder: string): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  const entries = await readdir(folder, { withFileTypes: true });
  if (entries.length > LIMITS.files) throw tooLarge(`${entries.length} files`, LIMITS.files);
  for (const entry of entries) {
    if (entry.isSymbolicLink()) throw invalid(`${entry.name} is a link`);
    if (!entry.isFile()) continue;
    const path = join(folder, entry.name);
    const { size } = await lstat(path);
    if (size > LIMITS.fileBytes) throw tooLarge(entry.name, size);
    files.set(entry.name, await readFile(path));
  }
  return files;
}

/** The files beside `model.json`, by their names there. */
function beside(files: ReadonlyMap<string, Uint8Array>): SourceFiles {
  const places = [...files.keys()].filter((name) => name.split("/").at(-1) === TOPOLOGY);
  const [place] = places;
  if (place === undefined) throw invalid(`there is no ${TOPOLOGY} in the export`);
  if (places.length > 1) throw invalid(`there are ${places.length} files ${TOPOLOGY}`);
  const prefix = place.slice(0, -TOPOLOGY.length);
  return new SourceFiles(
    new Map(
      [...files]
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, bytes]) => [name.slice(prefix.length), bytes]),
    ),
  );
}

function tooLarge(what: string, size: number): AxialError {
  return new AxialError("limit-exceeded", {
    detail: `${what}: ${size} bytes; the limit is ${LIMITS.fileBytes} for a file, ${LIMITS.totalBytes} in all`,
  });
}

function invalid(detail: string): AxialError {
  return new AxialError("invalid-model", { detail });
}
