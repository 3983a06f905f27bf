import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const SHARED = new URL("../../../../shared/data/", import.meta.url);

/** Path of a file or folder of the data that lies beside a developer's checkout, null without. */
export function sharedData(path: string): string | null {
  const found = fileURLToPath(new URL(path, SHARED));
  return existsSync(found) ? found : null;
}
