import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readdir, rename, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import { AxialError, type BlobKey } from "@axial/contracts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { BlobEntry, BlobStore } from "../src/blob-store.ts";
import { openBlobStore } from "../src/open-blob-store.ts";
import { blobAdapters, type OpenedAdapter } from "./adapters.ts";

const LONG_STREAM_BYTES = 20 * 1024 * 1024;

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

async function* chunks(count: number, size: number): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < count; index += 1) yield Buffer.alloc(size, index);
}

async function entriesOf(store: BlobStore): Promise<BlobEntry[]> {
  const entries: BlobEntry[] = [];
  for await (const entry of store.list()) entries.push(entry);
  return entries;
}

async function keysOf(store: BlobStore): Promise<string[]> {
  return (await entriesOf(store)).map((entry) => entry.key).sort();
}

for (const adapter of blobAdapters()) {
  describe(`blob store on ${adapter.name}`, adapter.options, () => {
    let opened: OpenedAdapter;
    let store: BlobStore;
    beforeAll(async () => {
      opened = await adapter.open();
      store = opened.store;
    });
    afterAll(() => opened.close());

    /** How a blocking read fails. */
    const syncCode = (key: BlobKey) => {
      try {
        return store.getSync?.(key);
      } catch (error) {
        return error instanceof AxialError ? error.code : error;
      }
    };

    test("returns what was put, under its SHA-256", async () => {
      const bytes = randomBytes(100_000);
      const key = await store.put(bytes);
      expect(key).toBe(sha256(bytes));
      expect(Buffer.compare(await store.get(key), bytes)).toBe(0);
      expect(Buffer.compare(await buffer(await store.getStream(key)), bytes)).toBe(0);
      expect(await store.has(key)).toBe(true);
    });

    test("takes the same bytes again, also at the same moment", async () => {
      const bytes = randomBytes(1_000);
      const keys = await Promise.all([store.put(bytes), store.put(bytes), store.put(bytes)]);
      expect(new Set(keys).size).toBe(1);
      expect((await keysOf(store)).filter((key) => key === keys[0])).toHaveLength(1);
    });

    test("puts many in their order, the empty blob included", async () => {
      const blobs = [randomBytes(10), new Uint8Array(0), randomBytes(70_000), randomBytes(10)];
      expect(await store.putMany(blobs)).toEqual(blobs.map(sha256));
      expect(await store.putMany([])).toEqual([]);
    });

    test("takes a stream, and refuses one over the limit without a trace", async () => {
      const { key, bytes } = await store.putStream(chunks(16, 65_536), 1 << 20);
      expect(bytes).toBe(1 << 20);
      expect((await store.get(key)).byteLength).toBe(1 << 20);
      const before = await keysOf(store);
      await expect(store.putStream(chunks(17, 65_536), 1 << 20)).rejects.toMatchObject({
        code: "payload-too-large",
      });
      expect(await keysOf(store)).toEqual(before);
    });

    test("stores a stream of many parts, and reads any range of it", async () => {
      const { key } = await store.putStream(chunks(20, 1 << 20), LONG_STREAM_BYTES);
      const whole = await store.get(key);
      expect(whole.byteLength).toBe(LONG_STREAM_BYTES);
      const range = { start: (1 << 20) - 3, end: (1 << 20) + 5 };
      const part = await buffer(await store.getStream(key, range));
      expect([...part]).toEqual([0, 0, 0, 1, 1, 1, 1, 1]);
      expect(await buffer(await store.getStream(key, { start: 7, end: 7 }))).toHaveLength(0);
    });

    test("a stream that breaks leaves nothing", async () => {
      const before = await keysOf(store);
      async function* broken(): AsyncGenerator<Uint8Array> {
        yield randomBytes(10);
        throw new Error("cut");
      }
      await expect(store.putStream(broken(), 100)).rejects.toThrow("cut");
      expect(await keysOf(store)).toEqual(before);
    });

    test("notices rotten bytes, and a second put mends them", async () => {
      const bytes = randomBytes(500);
      const key = await store.put(bytes);
      await opened.corrupt(key);
      await expect(store.get(key)).rejects.toMatchObject({ code: "blob-corrupt" });
      if (store.getSync !== undefined) expect(syncCode(key)).toBe("blob-corrupt");
      await store.put(bytes);
      expect(Buffer.compare(await store.get(key), bytes)).toBe(0);
    });

    test("says that a blob is missing; deleting twice is fine", async () => {
      const key = await store.put(randomBytes(9));
      await store.delete(key);
      await store.delete(key);
      expect(await store.has(key)).toBe(false);
      await expect(store.get(key)).rejects.toMatchObject({ code: "blob-missing" });
      if (store.getSync !== undefined) expect(syncCode(key)).toBe("blob-missing");
      await expect(store.getStream(key)).rejects.toMatchObject({ code: "blob-missing" });
    });

    test("lists one shard of 256", async () => {
      const key = await store.put(randomBytes(11));
      const shard: string[] = [];
      for await (const entry of store.list(key.slice(0, 2))) shard.push(entry.key);
      expect(shard).toEqual(
        (await keysOf(store)).filter((other) => other.startsWith(key.slice(0, 2))),
      );
      expect(shard).toContain(key);
    });

    test("tidies up, and leaves what is there", async () => {
      const before = await keysOf(store);
      await store.tidy?.();
      expect(await keysOf(store)).toEqual(before);
    });

    test("lists size and age, and answers a ping", async () => {
      const key = await store.put(randomBytes(123));
      const entry = (await entriesOf(store)).find((found) => found.key === key);
      expect(entry?.bytes).toBe(123);
      expect(Math.abs((entry?.modifiedAt.getTime() ?? 0) - Date.now())).toBeLessThan(60_000);
      await store.ping();
      await store.pingReads();
    });
  });
}

describe("files", () => {
  async function withRoot(act: (root: string, open: () => BlobStore) => Promise<void>) {
    const root = await mkdtemp(join(tmpdir(), "axial-blobs-"));
    await act(root, () => openBlobStore(pathToFileURL(root).href));
    await rm(root, { recursive: true });
  }

  test("a folder removed behind its back is made again", () =>
    withRoot(async (root, open) => {
      const store = open();
      const bytes = randomBytes(20);
      const key = await store.put(bytes);
      await rm(root, { recursive: true });
      await expect(store.put(bytes)).rejects.toThrow();
      expect(await store.put(bytes).catch(() => store.put(bytes))).toBe(key);
      expect(await readdir(join(root, "incoming"))).toEqual([]);
    }));

  test("what a power cut left on its way is moved to its place, or left out", () =>
    withRoot(async (root, open) => {
      const bytes = randomBytes(3_000);
      const key = await open().put(bytes);
      const left = join(root, "incoming", `${key}-0123456789ab`);
      await rename(join(root, key.slice(0, 2), key.slice(2, 3), key), left);
      const torn = join(root, "incoming", `${sha256(randomBytes(9))}-0123456789ab`);
      await writeFile(torn, "torn");
      await utimes(torn, 0, 0);
      const store = open();
      expect(Buffer.compare(await store.get(key), bytes)).toBe(0);
      expect(await readdir(join(root, "incoming"))).toEqual([]);
      expect(await keysOf(store)).toEqual([key]);
    }));
});
