import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openBelow, openToOthers } from "../src/up/check-privacy.ts";
import { makePrivate } from "../src/up/private-folder.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "axial-test-privacy-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("names what of a data folder other users can read", async () => {
  await chmod(folder, 0o755);
  await mkdir(join(folder, "blobs"), { mode: 0o755 });
  await writeFile(join(folder, "admin-key"), "key", { mode: 0o600 });
  expect(await openToOthers(folder)).toEqual([folder, join(folder, "blobs")]);
  await makePrivate(folder);
  await chmod(join(folder, "blobs"), 0o700);
  expect(await openToOthers(folder)).toEqual([]);
});

test("names a few files of a folder of backups that is open, and none of one that is not", async () => {
  const backups = join(folder, "backups");
  const tables = join(backups, "monday", "tables");
  await mkdir(tables, { recursive: true });
  for (const name of ["a", "b"]) await writeFile(join(tables, name), "rows");
  await chmod(join(tables, "a"), 0o644);
  await chmod(join(tables, "b"), 0o600);
  for (const path of [backups, join(backups, "monday"), tables]) await chmod(path, 0o755);
  expect(await openBelow(backups)).toEqual([
    ...[backups, join(backups, "monday"), tables, join(tables, "a")],
  ]);
  await chmod(backups, 0o700);
  expect(await openBelow(backups)).toEqual([]);
});

test("has nothing to say of a folder that is not there", async () => {
  expect(await openToOthers(join(folder, "none"))).toEqual([]);
});
