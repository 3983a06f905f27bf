import { openBlobStore } from "@axial/blobs";
import type { BlobKey } from "@axial/contracts";
import { freePort } from "@axial/testkit";
import { expect, test } from "vitest";
import { parseS3Address } from "../src/s3/s3-address.ts";

test("an address names bucket, prefix and server", () => {
  expect(parseS3Address("s3://scans/axial/blobs/?region=eu-central-1")).toEqual({
    bucket: "scans",
    prefix: "axial/blobs/",
    region: "eu-central-1",
    endpoint: undefined,
    pathStyle: false,
  });
  expect(parseS3Address("s3://scans?endpoint=http://minio:9000&pathStyle=true")).toEqual({
    bucket: "scans",
    prefix: "",
    region: "us-east-1",
    endpoint: "http://minio:9000",
    pathStyle: true,
  });
});

test.each([
  ["s3:///prefix", "needs a bucket"],
  ["s3://key:secret@bucket", "credentials come from the environment"],
  ["s3://bucket?pathstyle=true", "unknown pathstyle"],
  ["gs://bucket", "no blob store for gs:"],
])("%s is refused: %s", (url, reason) => {
  expect(() => openBlobStore(url)).toThrow(reason);
});

test("a server that is away is `unavailable`, soon, and says nothing of where it is", async () => {
  process.env.AWS_ACCESS_KEY_ID ??= "test";
  process.env.AWS_SECRET_ACCESS_KEY ??= "test";
  const endpoint = `http://127.0.0.1:${await freePort()}`;
  const store = openBlobStore(`s3://bucket/p?endpoint=${endpoint}&pathStyle=true`);
  const key = "0".repeat(64) as BlobKey;
  for (const ask of [() => store.put(Buffer.from("x")), () => store.ping(), () => store.has(key)]) {
    const failure = await ask().catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "unavailable", retryable: true });
    expect(String(failure)).not.toContain("127.0.0.1");
  }
});
