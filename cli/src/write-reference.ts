import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ModelPackageSchema, type ModelReference, parseAs } from "@axial/contracts";

/** Puts what drift is compared with into a package's `model.json`; the rest stays as it is. */
export async function writeReference(folder: string, reference: ModelReference): Promise<void> {
  const file = join(folder, "model.json");
  const manifest: unknown = JSON.parse(await readFile(file, "utf8"));
  const { metrics, ...others } = parseAs(ModelPackageSchema, manifest);
  const changed = { ...others, reference, metrics };
  await writeFile(file, `${JSON.stringify(changed, null, 2)}\n`);
}
