import { appendFile, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type BlobStore, openBlobStore } from "@axial/blobs";
import type { Backup, BlobKey } from "@axial/contracts";
import { writeAudit } from "@axial/store/audit";
import { type Database, openDatabase } from "@axial/store/database";
import { type FinishedStudy, finishedStudy, newInstance, TENANT } from "@axial/store/fixtures";
import { storeInstances } from "@axial/store/ingest";
import { appliedMigrations, migrate } from "@axial/store/migrate";
import { collectCondemned } from "@axial/store/retention";
import { readStudy } from "@axial/store/views";
import { type PostgresServer, startPostgres } from "@axial/testkit";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openWith, sealFor } from "../../src/backup/backup-cipher.ts";
import { createBackup } from "../../src/backup/create-backup.ts";
import { restoreBackup } from "../../src/backup/restore-backup.ts";

/** An installation whose data are backed up. */
interface Stack {
  readonly server: PostgresServer;
  readonly url: string;
  readonly db: Database;
  readonly blobs: BlobStore;
}

let stack: Stack;
let folder: string;
let made: FinishedStudy[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "axial-test-backup-"));
  const server = await startPostgres();
  const url = await server.createDatabase();
  const db = openDatabase(url, { onIdleError: () => {} });
  await migrate(db);
  stack = { server, url, db, blobs: openBlobStore(pathToFileURL(join(folder, "blobs")).href) };
  made = [await finishedStudy(stack, { runs: 2 }), await finishedStudy(stack)];
  const detail = { note: "tabs\t, \\ and \n newlines" };
  for (let count = 0; count < 3; count += 1) {
    await writeAudit(stack.db, { principal: { tenant: TENANT, keyId: null }, action: "x", detail });
  }
});
afterAll(async () => {
  await stack?.db.destroy();
  await stack?.server.stop();
  await rm(folder, { recursive: true, force: true });
});

let place = 0;
let target: string;
let databaseUrl: string;
let blobs: BlobStore;
beforeEach(async () => {
  place += 1;
  target = join(folder, `backup-${place}`);
  databaseUrl = await stack.server.createDatabase({ empty: true });
  blobs = openBlobStore(pathToFileURL(join(folder, `blobs-${place}`)).href);
});

const backUp = (changes = {}) =>
  createBackup({
    databaseUrl: stack.url,
    blobs: stack.blobs,
    folder: target,
    copyBlobs: true,
    ...changes,
  });
const restore = (changes = {}) => restoreBackup({ folder: target, databaseUrl, blobs, ...changes });

/** Every byte of the files below a folder. */
async function bytesBelow(of: string): Promise<Buffer> {
  const entries = await readdir(of, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return Buffer.concat(await Promise.all(files.map((f) => readFile(join(f.parentPath, f.name)))));
}

/** Every row of every table in a backup, as text. */
async function rowsOf(db: Database, { tables }: Backup): Promise<Record<string, string[]>> {
  const all: Record<string, string[]> = {};
  for (const { name } of tables) {
    const { rows } = await sql<{ row: string }>`
      SELECT to_jsonb(t)::text AS row FROM ${sql.table(name)} AS t ORDER BY 1`.execute(db);
    all[name] = rows.map((found) => found.row);
  }
  return all;
}

async function inDatabase<Value>(act: (db: Database) => Promise<Value>): Promise<Value> {
  const db = openDatabase(databaseUrl, { onIdleError: () => {} });
  try {
    return await act(db);
  } finally {
    await db.destroy();
  }
}

const blobsOf = (study: FinishedStudy): BlobKey[] => [
  study.image,
  ...study.runs.flatMap((run) => [run.input, run.result, run.heatmap]),
];

describe("backup and restore", () => {
  test("an empty installation holds the same rows and the same bytes afterwards", async () => {
    const backup = await backUp();
    expect(backup.blobs).toMatchObject({ count: 11, missing: [] });
    await restore();
    await inDatabase(async (db) => {
      expect(await rowsOf(db, backup)).toEqual(await rowsOf(stack.db, backup));
      for (const { study } of made) {
        const { study_uid } = await stack.db
          .selectFrom("study")
          .select("study_uid")
          .where("id", "=", study)
          .executeTakeFirstOrThrow();
        const [restored, original] = [
          await readStudy(db, TENANT, study_uid),
          await readStudy(stack.db, TENANT, study_uid),
        ];
        expect(restored?.predictions.length).toBeGreaterThan(0);
        expect(restored).toEqual(original);
      }
      // Work continues from there: sequences go on, triggers are active.
      await writeAudit(db, { principal: { tenant: TENANT, keyId: null }, action: "after" });
      await sql`INSERT INTO blob_tombstone (key) VALUES ('gone')`.execute(db);
      const gone = storeInstances(db, [newInstance("gone" as BlobKey)], { has: async () => false });
      await expect(gone).rejects.toMatchObject({ code: "unavailable" });
    });
    for (const key of made.flatMap(blobsOf)) {
      expect(Buffer.compare(await blobs.get(key), await stack.blobs.get(key))).toBe(0);
    }
  });

  test("encrypted for a recipient: no one else reads or changes it, and it restores unchanged", async () => {
    const identity = await generateX25519Identity();
    const backup = await backUp({ seal: sealFor([await identityToRecipient(identity)]) });
    expect(backup).toMatchObject({ encryption: "age", blobs: { count: 11, missing: [] } });
    const written = await bytesBelow(target);
    const key = made[0]?.image as BlobKey;
    expect(written.includes(Buffer.from(await stack.blobs.get(key)))).toBe(false);
    await expect(restore()).rejects.toMatchObject({ code: "invalid-request" });
    const stranger = openWith([await generateX25519Identity()]);
    await expect(restore({ open: stranger })).rejects.toThrow("no identity matched");
    await restore({ open: openWith([identity]) });
    await inDatabase(async (db) => {
      expect(await rowsOf(db, backup)).toEqual(await rowsOf(stack.db, backup));
    });
    for (const one of made.flatMap(blobsOf)) {
      expect(Buffer.compare(await blobs.get(one), await stack.blobs.get(one))).toBe(0);
    }
    const sealed = join(target, "blobs", key.slice(0, 2), `${key}.age`);
    const bytes = await readFile(sealed);
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
    await writeFile(sealed, bytes);
    databaseUrl = await stack.server.createDatabase({ empty: true });
    await expect(restore({ open: openWith([identity]) })).rejects.toThrow();
  });

  test("what is removed while the backup copies is in it all the same", async () => {
    const { study, image } = await finishedStudy(stack);
    let removed = false;
    await backUp({
      blobs: new Proxy(stack.blobs, {
        get: (store, name) => {
          if (name === "getStream") {
            return async (key: BlobKey) => {
              if (!removed) {
                removed = true;
                await stack.db.deleteFrom("study").where("id", "=", study).execute();
                await collectCondemned(stack.db, stack.blobs, new AbortController().signal);
              }
              return store.getStream(key);
            };
          }
          const value: unknown = Reflect.get(store, name);
          return typeof value === "function" ? value.bind(store) : value;
        },
      }),
    });
    expect(removed).toBe(true);
    await restore();
    expect(await blobs.has(image)).toBe(true);
    const rows = await inDatabase((db) =>
      db.selectFrom("study").select("id").where("id", "=", study).execute(),
    );
    expect(rows).toHaveLength(1);
    await collectCondemned(stack.db, stack.blobs, new AbortController().signal);
    expect(await stack.blobs.has(image)).toBe(false);
  });

  test("a rotten blob is named, and does not keep the others from being saved", async () => {
    const { study, image } = await finishedStudy(stack);
    await stack.blobs.delete(image);
    expect((await backUp()).blobs.missing).toEqual([image]);
    await restore();
    expect(await blobs.has(image)).toBe(false);
    await stack.db.deleteFrom("study").where("id", "=", study).execute();
  });

  test("blobs that are only listed must be in the store that is restored to", async () => {
    expect((await backUp({ copyBlobs: false })).blobs.copied).toBe(false);
    await expect(restore()).rejects.toMatchObject({ code: "blob-missing" });
    blobs = stack.blobs;
    await restore();
  });
});

describe("what is wrong is said before anything is restored", () => {
  const nothingRestored = async () =>
    expect(await inDatabase((db) => appliedMigrations(db))).toEqual([]);

  test.each([
    ["unfinished", () => rm(join(target, "backup.json")), "never finished"],
    ["cut off", () => truncate(join(target, "tables/study.copy.gz"), 20), "is damaged"],
    ["incomplete", () => rm(join(target, "tables/prediction.copy.gz")), "is missing"],
    [
      "with another list of blobs",
      () => appendFile(join(target, "blobs.txt"), "x\n"),
      "is damaged",
    ],
    ["not JSON", () => writeFile(join(target, "backup.json"), "{"), "is damaged"],
    [
      "of a newer version",
      async () => {
        const file = join(target, "backup.json");
        const text = await readFile(file, "utf8");
        await writeFile(file, text.replace(/"migration": "\d+/, '"migration": "9999'));
      },
      "newer version",
    ],
  ])("a backup that is %s", async (_, damage, reason) => {
    await backUp({ copyBlobs: false });
    await damage();
    await expect(restore()).rejects.toMatchObject({
      code: "invalid-request",
      detail: expect.stringContaining(reason),
    });
    await nothingRestored();
  });

  test("a blob of the backup that has rotted there", async () => {
    await backUp();
    const key = made[0]?.image ?? "";
    await writeFile(join(target, "blobs", key.slice(0, 2), key.slice(2, 3), key), "rotten");
    await expect(restore()).rejects.toMatchObject({ code: "blob-corrupt" });
    await nothingRestored();
  });

  test("a database that holds something", async () => {
    await backUp({ copyBlobs: false });
    const busy = restoreBackup({ folder: target, databaseUrl: stack.url, blobs });
    await expect(busy).rejects.toMatchObject({ code: "conflict" });
  });

  test("a folder that holds something", async () => {
    await backUp();
    await expect(backUp()).rejects.toMatchObject({ code: "conflict" });
  });
});
