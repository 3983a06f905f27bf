import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { join } from "node:path";

/** The files in a backup's folder; those with patient data end in `suffix`. */
export const backupFiles = (folder: string, suffix = "") => ({
  description: join(folder, "backup.json"),
  table: (name: string) => join(folder, "tables", `${name}.copy.gz${suffix}`),
  tables: join(folder, "tables"),
  blobList: join(folder, "blobs.txt"),
  blobs: join(folder, "blobs"),
});

/** SHA-256 of a file, read in pieces. */
export async function fileSha256(path: string): Promise<string> {
  const digest = createHash("sha256");
  for await (const chunk of createReadStream(path)) digest.update(chunk);
  return digest.digest("hex");
}
