import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openBlobStore } from "../../src/index.ts";

describe("a blob store in a folder that other processes use", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "axial-test-blobs-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  test("writes on while others start and look for what a power cut left", async () => {
    const url = pathToFileURL(folder).href;
    const writer = openBlobStore(url);
    let writing = true;
    const starts = (async () => {
      while (writing) await openBlobStore(url).ping();
    })();
    const blobs = Array.from({ length: 400 }, () => randomBytes(2_000));
    const keys = await writer.putMany(blobs).finally(() => {
      writing = false;
    });
    await starts;
    for (const [index, key] of keys.entries()) {
      expect(Buffer.compare(await writer.get(key), blobs[index] ?? Buffer.alloc(0))).toBe(0);
    }
  });
});
