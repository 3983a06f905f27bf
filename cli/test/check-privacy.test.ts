import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openToOthers } from "../src/up/check-privacy.ts";
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

test("has nothing to say of a folder that is not there", async () => {
  expect(await openToOthers(join(folder, "none"))).toEqual([]);
});
