import { listModelPackages } from "@axial/inference/packages";

/** The folder of the newest version of a model. Throws when there is none. */
export async function newestVersion(models: string, id: string): Promise<string> {
  const folders = await listModelPackages(models);
  const versions = folders.filter((folder) => folder.split("/").at(-2) === id);
  const newest = versions.toSorted((a, b) => a.localeCompare(b, "en", { numeric: true })).at(-1);
  if (newest === undefined) throw new Error(`no model ${id}: see \`axial models list\``);
  return newest;
}
