import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

const FILE = "outcome-key";
const SECRET_BYTES = 32;

/**
 * The secret by which results knows its workers: kept in the data folder, so that outcomes which
 * wait on the queue are still believed after a restart.
 */
export async function outcomeKey(dataFolder: string): Promise<string> {
  const file = join(dataFolder, FILE);
  const secret = randomBytes(SECRET_BYTES).toString("base64url");
  try {
    await writeFile(file, `${secret}\n`, { mode: 0o600, flag: "wx" });
    return secret;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return (await readFile(file, "utf8")).trim();
  }
}
