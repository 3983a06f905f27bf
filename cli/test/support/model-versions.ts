import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { TINY_MODEL_ID, TINY_MODELS } from "@axial/testkit";

interface Head {
  labels: readonly unknown[];
}

/** Copies the tiny test models to `models`, and its newest once more as `version`. */
export async function installVersion(
  models: string,
  version: string,
  edit: (head: Head) => void = () => {},
): Promise<void> {
  const folder = join(models, TINY_MODEL_ID, version);
  await cp(TINY_MODELS, models, { recursive: true });
  await cp(join(TINY_MODELS, TINY_MODEL_ID, "1.0.0"), folder, { recursive: true });
  const file = join(folder, "model.json");
  const manifest = JSON.parse(await readFile(file, "utf8"));
  edit(manifest.heads[0]);
  await writeFile(file, JSON.stringify({ ...manifest, version, explanation: undefined }));
}
