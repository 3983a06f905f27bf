import { createWriteStream } from "node:fs";
import { mkdir, open, readdir, rename } from "node:fs/promises";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { pathToFileURL } from "node:url";
import { constants, createGzip } from "node:zlib";
import type { BlobStore } from "@axial/blobs";
import { openBlobStore } from "@axial/blobs";
import { AxialError, asAxialError, type Backup, type BlobKey, newId } from "@axial/contracts";
import { type Database, openDatabase } from "@axial/store/database";
import { type BlobHold, holdBlobs } from "@axial/store/retention";
import { Client } from "pg";
import { to as copyTo } from "pg-copy-streams";
import { backedUpTables, copyTarget, type TableShape } from "./backed-up-tables.ts";
import { type BackupSeal, UNSEALED } from "./backup-cipher.ts";
import { backupFiles, fileSha256 } from "./backup-files.ts";
import { copyBlob, forEachKey, listedKeys } from "./copy-blobs.ts";
import { sealBlob } from "./sealed-blobs.ts";

/** A backup holds what the database and the blob store do: it is its owner's alone. */
const PRIVATE = { mode: 0o600 };

interface BackupOptions {
  readonly databaseUrl: string;
  readonly blobs: BlobStore;
  /** Created if missing; must be empty otherwise. */
  readonly folder: string;
  /** False only lists the blobs, for stores that are backed up separately. */
  readonly copyBlobs: boolean;
  /** Encrypts tables and blobs; plain without it. */
  readonly seal?: BackupSeal | undefined;
  /** Called for each blob that was copied. */
  readonly onBlob?: (total: number) => void;
}

/**
 * Backs up a running installation: all tables as of one moment, then every blob they refer to; no
 * blob is collected meanwhile. The result names missing and corrupt blobs; `backup.json` is written
 * last.
 */
export async function createBackup(options: BackupOptions): Promise<Backup> {
  await demandEmpty(options.folder);
  const files = backupFiles(options.folder);
  await mkdir(files.tables, { recursive: true, mode: 0o700 });
  const db = openDatabase(options.databaseUrl, { poolSize: 2, onIdleError: () => {} });
  try {
    const hold = await holdBlobs(db);
    try {
      const rows = await copyTables(options);
      const missing = options.copyBlobs ? await saveBlobs(options, hold, rows.blobs.count) : [];
      hold.check();
      const backup: Backup = {
        ...rows,
        blobs: { ...rows.blobs, copied: options.copyBlobs, missing },
      };
      await writeSynced(files.description, `${JSON.stringify(backup, null, 2)}\n`);
      await recordBackup(db, backup);
      return backup;
    } finally {
      await hold.release();
    }
  } finally {
    await db.destroy();
  }
}

/** So that its age can be an alarm. */
async function recordBackup(db: Database, { createdAt, tables, blobs }: Backup): Promise<void> {
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const counts = { rows, blobs: blobs.count, missing: blobs.missing.length };
  await db
    .insertInto("completed_backup")
    .values({ id: newId(), at: new Date(createdAt), ...counts })
    .execute();
}

async function demandEmpty(folder: string): Promise<void> {
  const entries = await readdir(folder).catch(() => []);
  if (entries.length === 0) return;
  throw new AxialError("conflict", { detail: "the folder for the backup is not empty" });
}

type Rows = Omit<Backup, "blobs"> & { readonly blobs: { count: number; sha256: string } };

/** Writes all tables and the list of their blobs from one snapshot. */
async function copyTables({ databaseUrl, folder, seal }: BackupOptions): Promise<Rows> {
  const client = new Client({ connectionString: databaseUrl, application_name: "axial-backup" });
  await client.connect();
  try {
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    const migration = await lastMigration(client);
    const tables: Backup["tables"] = [];
    for (const shape of await backedUpTables(client)) {
      tables.push(await copyTable(client, shape, { folder, seal }));
    }
    const list = backupFiles(folder).blobList;
    const lines = new LineCounter();
    await pipeline(client.query(copyTo(BLOB_LIST)), lines, createWriteStream(list, PRIVATE));
    await client.query("COMMIT");
    const blobs = { count: lines.count, sha256: await fileSha256(list) };
    const createdAt = new Date().toISOString();
    const encryption = seal === undefined ? {} : { encryption: "age" as const };
    return { formatVersion: 1, createdAt, ...encryption, migration, tables, blobs };
  } finally {
    await client.end();
  }
}

const BLOB_LIST = `COPY (
  SELECT key FROM (
    SELECT blob AS key FROM instance UNION SELECT manifest FROM task
    UNION SELECT result_blob FROM prediction
    UNION SELECT jsonb_path_query_first(result, '$.slices[*].heatmap') #>> '{}' FROM prediction
  ) AS used WHERE key IS NOT NULL ORDER BY key) TO STDOUT`;

async function lastMigration(client: Client): Promise<string> {
  const { rows } = await client
    .query<{ name: string }>("SELECT name FROM kysely_migration ORDER BY name DESC LIMIT 1")
    .catch(() => ({ rows: [] }));
  const [last] = rows;
  if (last === undefined)
    throw new AxialError("conflict", { detail: "the database holds no Axial schema" });
  return last.name;
}

async function copyTable(
  client: Client,
  shape: TableShape,
  { folder, seal = UNSEALED }: Pick<BackupOptions, "folder" | "seal">,
) {
  const file = backupFiles(folder, seal.suffix).table(shape.name);
  const lines = new LineCounter();
  await pipeline(
    client.query(copyTo(`COPY ${copyTarget(client, shape)} TO STDOUT`)),
    lines,
    createGzip({ level: constants.Z_BEST_SPEED }),
    seal.seal,
    createWriteStream(file, PRIVATE),
  );
  return {
    ...shape,
    columns: [...shape.columns],
    rows: lines.count,
    sha256: await fileSha256(file),
  };
}

/** Copies the listed blobs. Returns those that could not be read. */
async function saveBlobs(
  { blobs, folder, seal, onBlob }: BackupOptions,
  hold: BlobHold,
  total: number,
): Promise<BlobKey[]> {
  const files = backupFiles(folder);
  const target = openBlobStore(pathToFileURL(files.blobs).href);
  const save = (key: BlobKey) =>
    seal === undefined
      ? copyBlob(key, blobs, target)
      : sealBlob(key, blobs, { folder: files.blobs, seal: seal.seal });
  const missing: BlobKey[] = [];
  await forEachKey(listedKeys(files.blobList), async (key) => {
    hold.check();
    await save(key).catch((thrown: unknown) => {
      const { code } = asAxialError(thrown);
      if (code !== "blob-missing" && code !== "blob-corrupt") throw thrown;
      missing.push(key);
    });
    onBlob?.(total);
  });
  return missing.sort();
}

async function writeSynced(path: string, text: string): Promise<void> {
  const handle = await open(`${path}.new`, "w", PRIVATE.mode);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${path}.new`, path);
}

/** Passes text on and counts its lines: COPY writes one per row, with newlines escaped. */
class LineCounter extends Transform {
  count = 0;

  override _transform(chunk: Buffer, _encoding: string, done: (error: null, data: Buffer) => void) {
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) this.count += 1;
    done(null, chunk);
  }
}
