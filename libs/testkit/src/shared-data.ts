import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const SHARED = new URL("../../../../shared/data/", import.meta.url);

/** Path of a file or folder in the shared data folder beside a developer's checkout, or null. */
export function sharedData(path: string): string | null {
  const found = fileURLToPath(new URL(path, SHARED));
  return existsSync(found) ? found : null;
}
