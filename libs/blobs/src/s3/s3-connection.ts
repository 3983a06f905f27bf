import type { S3Client } from "@aws-sdk/client-s3";
import type { S3Address } from "./s3-address.ts";

/** Tries of one request, the first included; the pauses between them are the SDK's. */
const MAX_ATTEMPTS = 4;
const CONNECT_TIMEOUT_MS = 3_000;
/** Until an answer begins: for a part of 8 MiB at 270 KB/s. */
const REQUEST_TIMEOUT_MS = 30_000;
const IDLE_SOCKET_MS = 30_000;
const MAX_SOCKETS = 128;

/** The SDK with one client of it. It is loaded when first used: files need none of its 20 MB. */
export interface S3Connection {
  readonly sdk: typeof import("@aws-sdk/client-s3");
  readonly upload: typeof import("@aws-sdk/lib-storage").Upload;
  readonly client: S3Client;
}

export async function connectS3(address: S3Address): Promise<S3Connection> {
  const [sdk, { Upload }] = await Promise.all([
    import("@aws-sdk/client-s3"),
    import("@aws-sdk/lib-storage"),
  ]);
  const client = new sdk.S3Client({
    ...(address.region === undefined ? {} : { region: address.region }),
    ...(address.endpoint === undefined ? {} : { endpoint: address.endpoint }),
    forcePathStyle: address.pathStyle,
    maxAttempts: MAX_ATTEMPTS,
    // Every read is compared with its key, which is a SHA-256.
    responseChecksumValidation: "WHEN_REQUIRED",
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      throwOnRequestTimeout: true,
      socketTimeout: IDLE_SOCKET_MS,
      httpAgent: { maxSockets: MAX_SOCKETS, keepAlive: true },
      httpsAgent: { maxSockets: MAX_SOCKETS, keepAlive: true },
    },
  });
  return { sdk, upload: Upload, client };
}
