import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { alignedMemory, blockEnd, openBlobStore } from "@axial/blobs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { blobPath } from "../src/blob-path.ts";

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

  test("is its owner's alone: files and folders", async () => {
    const root = join(folder, "blobs");
    const store = openBlobStore(pathToFileURL(root).href);
    const keys = await store.putMany([randomBytes(100), randomBytes(200_000)]);
    const stream = await store.putStream([randomBytes(50)] as never, 100);
    const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);
    for (const key of [...keys, stream.key]) {
      expect(await modeOf(blobPath(root, key))).toBe("600");
      expect(await modeOf(dirname(blobPath(root, key)))).toBe("700");
    }
    expect(await modeOf(root)).toBe("700");
  });

  test("keeps exactly the bytes of blobs in aligned memory, whatever lies behind them", async () => {
    const store = openBlobStore(pathToFileURL(folder).href);
    const memory = alignedMemory(1 << 20).fill(0xff);
    const lengths = [65_536, 65_537, 205_796, 4_096 * 30 - 1, 100];
    let start = 0;
    for (const length of lengths) {
      const bytes = memory.subarray(start, start + length);
      bytes.set(randomBytes(length));
      const key = await store.put(bytes);
      const file = await readFile(blobPath(folder, key));
      expect(Buffer.compare(file, bytes)).toBe(0);
      start = blockEnd(start + length);
    }
    const unaligned = memory.subarray(1, 100_001);
    expect(Buffer.compare(await store.get(await store.put(unaligned)), unaligned)).toBe(0);
  });
});
