import { randomBytes } from "node:crypto";
import { open, readFile } from "node:fs/promises";

const KEY_BYTES = 32;
const KEY_FORM = /^[0-9a-f]{64}$/;

/**
 * The key in a file, 64 hexadecimal digits. A file that does not exist is made with a new one, for
 * its owner alone: the same file yields the same identities later.
 */
export async function readKey(file: string): Promise<{ key: Buffer; isNew: boolean }> {
  const made = await newKeyFile(file);
  const text = made ?? (await readFile(file, "utf8")).trim();
  if (!KEY_FORM.test(text)) throw new Error(`${file} holds no key of 64 hexadecimal digits`);
  return { key: Buffer.from(text, "hex"), isNew: made !== null };
}

/** The new key; null when the file is there already. */
async function newKeyFile(file: string): Promise<string | null> {
  const key = randomBytes(KEY_BYTES).toString("hex");
  try {
    const handle = await open(file, "wx", 0o600);
    await handle.writeFile(`${key}\n`);
    await handle.close();
    return key;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return null;
    throw error;
  }
}
