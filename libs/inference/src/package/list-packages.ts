import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/**
 * The package folders `<root>/<id>/<version>` that hold a model.json, sorted by name. A root
 * that does not exist holds none. Nothing is checked: see `loadModelPackage`.
 */
export async function listModelPackages(root: string): Promise<string[]> {
  const found: string[] = [];
  for (const id of await foldersOf(root)) {
    for (const version of await foldersOf(join(root, id))) {
      const folder = join(root, id, version);
      if (await isFile(join(folder, "model.json"))) found.push(folder);
    }
  }
  return found;
}

async function foldersOf(path: string): Promise<string[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isFile() ?? false;
}
