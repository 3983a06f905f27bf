import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const MODELS = fileURLToPath(new URL("../../../models/", import.meta.url));

/** Folder of one of the repository's model packages, which it holds in one version. */
export function committedPackage(id: string): string {
  const folder = join(MODELS, id);
  const [version, ...others] = readdirSync(folder);
  if (version === undefined || others.length > 0) {
    throw new Error(`${folder} holds ${others.length + Number(version !== undefined)} versions`);
  }
  return join(folder, version);
}
