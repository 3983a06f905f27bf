import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type BlobStore, openBlobStore } from "@axial/blobs";
import type { BlobKey } from "@axial/contracts";
import { needs, startS3 } from "@axial/testkit";
import { parseS3Address } from "../src/s3/s3-address.ts";
import { connectS3 } from "../src/s3/s3-connection.ts";

export interface OpenedAdapter {
  readonly store: BlobStore;
  /** Overwrites the stored bytes behind the store's back. */
  corrupt(key: BlobKey): Promise<void>;
  close(): Promise<void>;
}

interface BlobAdapter {
  readonly name: string;
  /** Options of a suite on it, which is skipped where it cannot run. */
  readonly options: ReturnType<typeof needs>;
  open(): Promise<OpenedAdapter>;
}

/** Every adapter of the blob store port, for suites that must hold on each. */
export function blobAdapters(): readonly BlobAdapter[] {
  return [
    { name: "files", options: {}, open: openFiles },
    { name: "S3", options: needs("s3"), open: openS3 },
  ];
}

async function openFiles(): Promise<OpenedAdapter> {
  const root = await mkdtemp(join(tmpdir(), "axial-blobs-"));
  return {
    store: openBlobStore(pathToFileURL(root).href),
    corrupt: (key) => writeFile(join(root, key.slice(0, 2), key.slice(2, 3), key), "rotten"),
    close: () => rm(root, { recursive: true, force: true }),
  };
}

async function openS3(): Promise<OpenedAdapter> {
  const server = await startS3();
  Object.assign(process.env, server.environment);
  const url = server.url();
  const address = parseS3Address(url);
  const { client, sdk } = await connectS3(address);
  return {
    store: openBlobStore(url),
    corrupt: async (key) => {
      const Key = `${address.prefix}${key}`;
      await client.send(new sdk.PutObjectCommand({ Bucket: address.bucket, Key, Body: "rotten" }));
    },
    close: server.stop,
  };
}
