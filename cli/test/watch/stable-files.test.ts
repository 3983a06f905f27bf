import { appendFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { StableFiles } from "../../src/watch/stable-files.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "axial-stable-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const open = () =>
  new StableFiles({ folder, except: [join(folder, "processed")], settleMs: 1_000 });
const names = (paths: readonly Buffer[]) => paths.map((path) => path.toString()).toSorted();

it("finds a file once it has stayed the same for as long as asked", async () => {
  const files = open();
  const slice = join(folder, "slice.dcm");
  await writeFile(slice, "half");
  expect(await files.look(0)).toEqual([]);
  expect(await files.look(500)).toEqual([]);
  await appendFile(slice, " and the rest");
  expect(await files.look(1_100)).toEqual([]);
  expect(await files.look(1_900)).toEqual([]);
  expect(names(await files.look(2_100))).toEqual([slice]);
});

it("looks into folders, but not into those that are left out", async () => {
  const files = open();
  await mkdir(join(folder, "ct"));
  await mkdir(join(folder, "processed"));
  await writeFile(join(folder, "ct", "a"), "a");
  await writeFile(join(folder, "processed", "b"), "b");
  await files.look(0);
  expect(names(await files.look(1_000))).toEqual([join(folder, "ct", "a")]);
});

it("rejects while the folder is away", async () => {
  const files = open();
  await rm(folder, { recursive: true });
  await expect(files.look()).rejects.toMatchObject({ code: "ENOENT" });
});
