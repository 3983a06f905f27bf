import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { adminKey } from "../../src/up/admin-key.ts";

let data: string;
beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), "axial-admin-key-"));
});
afterAll(() => rm(data, { recursive: true, force: true }));

it("refuses a given key that is too short, without a word of it", async () => {
  const short = "s".repeat(15);
  await expect(adminKey(data, short)).rejects.toThrow("16 to 256 printable characters");
  await expect(adminKey(data, short)).rejects.not.toThrow(short);
  const given = "g".repeat(16);
  expect(await adminKey(data, given)).toEqual({ key: given, generated: false });
});

it("makes one of its own, for the owner's eyes alone, and keeps it", async () => {
  const made = await adminKey(data, undefined);
  expect(made).toMatchObject({ generated: true, key: expect.stringMatching(/^axial_.{40,}$/) });
  const file = join(data, "admin-key");
  expect((await readFile(file, "utf8")).trim()).toBe(made.key);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await adminKey(data, "")).toEqual({ key: made.key, generated: false });
});
