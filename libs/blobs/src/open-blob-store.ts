import { fileURLToPath } from "node:url";
import type { BlobStore } from "./blob-store.ts";
import { FileBlobStore } from "./file-blob-store.ts";
import { parseS3Address } from "./s3/s3-address.ts";
import { S3BlobStore } from "./s3/s3-blob-store.ts";

/**
 * The blob store that `url` names: `file:///folder` or
 * `s3://bucket/prefix?endpoint=…&region=…&pathStyle=true`. Throws for anything else.
 */
export function openBlobStore(url: string): BlobStore {
  const { protocol } = new URL(url);
  if (protocol === "file:") return new FileBlobStore(fileURLToPath(url));
  if (protocol === "s3:") return new S3BlobStore(parseS3Address(url));
  throw new Error(`AXIAL_BLOB_URL: no blob store for ${protocol}`);
}
