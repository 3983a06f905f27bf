import { hash } from "node:crypto";
import { Readable } from "node:stream";
import type { BlobKey } from "@axial/contracts";
import { expect, it } from "vitest";
import { MAX_RESULT_BYTES, readResultBytes } from "../../src/recorder/read-result-bytes.ts";

const KEY = "0".repeat(64) as BlobKey;
const MEGABYTE = 1 << 20;

it("stops at the limit, however large the blob is", async () => {
  let read = 0;
  async function* endless() {
    for (;;) {
      read += MEGABYTE;
      yield Buffer.alloc(MEGABYTE);
    }
  }
  const blobs = { getStream: async () => Readable.from(endless()) };
  await expect(readResultBytes(blobs, KEY)).rejects.toMatchObject({ code: "blob-corrupt" });
  // What a stream holds ready for its reader is read in vain.
  expect(read).toBeLessThan(MAX_RESULT_BYTES + 32 * MEGABYTE);
});

it("returns bytes that are those of the key, and no others", async () => {
  const blobs = { getStream: async () => Readable.from([Buffer.from("a"), Buffer.from("b")]) };
  const key = hash("sha256", "ab") as BlobKey;
  expect(Buffer.from(await readResultBytes(blobs, key)).toString()).toBe("ab");
  await expect(readResultBytes(blobs, KEY)).rejects.toMatchObject({ code: "blob-corrupt" });
});
