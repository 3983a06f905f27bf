import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { needs } from "@axial/testkit";
import { expect, test } from "vitest";
import { readVolume } from "../src/volume.ts";

const run = promisify(execFile);
/** Others write to the disk meanwhile. */
const SLACK_PERCENT = 1;

test("the share in use is that of df", needs("linux"), async () => {
  const { stdout } = await run("df", ["--output=pcent", tmpdir()]);
  const { size, free } = await readVolume(tmpdir());
  const percent = Math.ceil(((size - free) / size) * 100);
  expect(Math.abs(percent - Number.parseInt(stdout.split("\n")[1] ?? "", 10))).toBeLessThanOrEqual(
    SLACK_PERCENT,
  );
});

test("a folder that is still to be made is on the volume above it", async () => {
  const { size } = await readVolume(join(tmpdir(), "axial-not-there", "blobs"));
  expect(size).toBe((await readVolume(tmpdir())).size);
});
