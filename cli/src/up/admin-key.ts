import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { API_KEY_PATTERN, newApiKey } from "@axial/contracts";
import { ADMIN_KEY_FILE } from "../client/connection.ts";

/**
 * The first key: given by AXIAL_ADMIN_KEY, else the one kept in the data folder, else a new one
 * of 256 random bits that is kept there (`generated` is true this once).
 */
export async function adminKey(
  dataFolder: string,
  given: string | undefined,
): Promise<{ key: string; generated: boolean }> {
  if (given !== undefined && given !== "") return { key: demandKey(given), generated: false };
  const file = join(dataFolder, ADMIN_KEY_FILE);
  if (existsSync(file)) return { key: (await readFile(file, "utf8")).trim(), generated: false };
  const key = newApiKey();
  await mkdir(dataFolder, { recursive: true });
  await writeFile(file, `${key}\n`, { mode: 0o600 });
  return { key, generated: true };
}

function demandKey(key: string): string {
  if (new RegExp(API_KEY_PATTERN).test(key)) return key;
  throw new Error("AXIAL_ADMIN_KEY: 16 to 256 printable characters without spaces");
}
