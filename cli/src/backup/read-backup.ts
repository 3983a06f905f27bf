import { readFile } from "node:fs/promises";
import { AxialError, type Backup, BackupSchema, parseAs } from "@axial/contracts";
import { MIGRATION_NAMES } from "@axial/store/migrate";
import { backupFiles, fileSha256 } from "./backup-files.ts";

/**
 * Reads the description of a backup after checking that all its files are complete. Throws
 * `invalid-request` when the backup is unfinished, damaged, or from a newer version.
 */
export async function readBackup(folder: string): Promise<Backup> {
  const files = backupFiles(folder);
  const text = await readFile(files.description, "utf8").catch(() => null);
  if (text === null) throw invalid("there is no backup.json: not a backup, or one never finished");
  const backup = parseAs(BackupSchema, parseJson(text));
  if (!MIGRATION_NAMES.includes(backup.migration)) {
    throw invalid(`its schema ${backup.migration} is not known: a newer version of Axial made it`);
  }
  const sealed = backupFiles(folder, suffixOf(backup));
  for (const { name, sha256 } of backup.tables) await demandWhole(sealed.table(name), sha256);
  await demandWhole(files.blobList, backup.blobs.sha256);
  return backup;
}

/** Ending of its files of tables. */
export function suffixOf({ encryption }: Backup): "" | ".age" {
  return encryption === undefined ? "" : ".age";
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AxialError("invalid-request", { detail: "backup.json is damaged", cause });
  }
}

async function demandWhole(path: string, sha256: string): Promise<void> {
  const found = await fileSha256(path).catch(() => null);
  if (found !== sha256) throw invalid(`${path} is ${found === null ? "missing" : "damaged"}`);
}

const invalid = (detail: string) => new AxialError("invalid-request", { detail });
