import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { pathToFileURL } from "node:url";
import { createGunzip } from "node:zlib";
import type { BlobStore } from "@axial/blobs";
import { openBlobStore } from "@axial/blobs";
import { AxialError, type Backup, type BlobKey } from "@axial/contracts";
import { type Database, openDatabase } from "@axial/store/database";
import { appliedMigrations, migrate } from "@axial/store/migrate";
import { Client } from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { copyTarget } from "./backed-up-tables.ts";
import { type BackupOpen, UNOPENED } from "./backup-cipher.ts";
import { backupFiles } from "./backup-files.ts";
import { copyBlob, forEachKey, listedKeys } from "./copy-blobs.ts";
import { readBackup, suffixOf } from "./read-backup.ts";
import { openBlob } from "./sealed-blobs.ts";

interface RestoreOptions {
  readonly folder: string;
  /** An empty database. */
  readonly databaseUrl: string;
  readonly blobs: BlobStore;
  /** Decrypts what was encrypted. */
  readonly open?: BackupOpen;
  readonly onBlob?: (total: number) => void;
}

/**
 * Restores a backup into an empty database and a blob store, and brings the schema up to this
 * version. Blobs come first and all rows in one transaction: when something fails, the database is
 * still empty, and the same restore can be retried.
 */
export async function restoreBackup(options: RestoreOptions): Promise<Backup> {
  const backup = await readBackup(options.folder);
  if (backup.encryption !== undefined && options.open === undefined) {
    throw new AxialError("invalid-request", {
      detail: "the backup is encrypted: name an identity",
    });
  }
  const db = openDatabase(options.databaseUrl, { poolSize: 2, onIdleError: () => {} });
  try {
    await demandEmpty(db, backup);
    await restoreBlobs(options, backup);
    await migrate(db, backup.migration);
    await restoreTables(options, backup);
    await migrate(db);
    return backup;
  } finally {
    await db.destroy();
  }
}

/** True when it is empty, or holds the backup's schema without rows: an interrupted restore. */
async function demandEmpty(db: Database, backup: Backup): Promise<void> {
  const applied = await appliedMigrations(db);
  if (applied.length === 0) return;
  const rows = await db.selectFrom("api_key").select("id").limit(1).execute();
  const studies = await db.selectFrom("study").select("id").limit(1).execute();
  const begun = applied.at(-1) === backup.migration && rows.length + studies.length === 0;
  if (begun) return;
  throw new AxialError("conflict", { detail: "the database is not empty: restore into a new one" });
}

async function restoreBlobs({ folder, blobs, open, onBlob }: RestoreOptions, backup: Backup) {
  const files = backupFiles(folder);
  const source = openBlobStore(pathToFileURL(files.blobs).href);
  const missing = new Set(backup.blobs.missing);
  const restore = (key: BlobKey) =>
    backup.encryption === undefined || open === undefined
      ? copyBlob(key, source, blobs)
      : openBlob(key, blobs, { folder: files.blobs, open });
  await forEachKey(listedKeys(files.blobList), async (key) => {
    if (missing.has(key)) return;
    if (backup.blobs.copied) await restore(key);
    else if (!(await blobs.has(key))) throw new AxialError("blob-missing");
    onBlob?.(backup.blobs.count);
  });
}

async function restoreTables(
  { folder, databaseUrl, open = UNOPENED }: RestoreOptions,
  backup: Backup,
) {
  const client = new Client({ connectionString: databaseUrl, application_name: "axial-restore" });
  await client.connect();
  try {
    await client.query("BEGIN");
    // The schema comes with a first tenant.
    await client.query("DELETE FROM tenant");
    for (const table of backup.tables) {
      const name = client.escapeIdentifier(table.name);
      // Triggers are for ordinary writes; foreign keys are still checked.
      await client.query(`ALTER TABLE public.${name} DISABLE TRIGGER USER`);
      const copy = client.query(copyFrom(`COPY ${copyTarget(client, table)} FROM STDIN`));
      const file = backupFiles(folder, suffixOf(backup)).table(table.name);
      const opened = backup.encryption === undefined ? UNOPENED : open;
      await pipeline(createReadStream(file), opened, createGunzip(), copy);
      if (copy.rowCount !== table.rows) {
        throw new AxialError("invalid-request", { detail: `${table.name} lacks rows` });
      }
      await client.query(`ALTER TABLE public.${name} ENABLE TRIGGER USER`);
      await resumeNumbering(client, table.name);
    }
    await client.query("COMMIT");
  } finally {
    await client.end();
  }
}

/** Sequences continue after the restored numbers. */
async function resumeNumbering(client: Client, table: string): Promise<void> {
  const { rows } = await client.query<{ column: string; sequence: string }>(
    `SELECT attname AS column, pg_get_serial_sequence($1, attname) AS sequence
     FROM pg_attribute WHERE attrelid = $1::regclass AND attidentity <> ''`,
    [`public.${table}`],
  );
  for (const { column, sequence } of rows) {
    const [name, from] = [client.escapeIdentifier(column), client.escapeIdentifier(table)];
    await client.query(`SELECT setval($1, max(${name})) FROM ${from} HAVING max(${name}) > 0`, [
      sequence,
    ]);
  }
}
