import { createHash, hash } from "node:crypto";
import { Readable } from "node:stream";
import { AxialError, type BlobKey, newId } from "@axial/contracts";
import { isBlobKey } from "../blob-path.ts";
import type { BlobEntry, BlobStore, ByteRange } from "../blob-store.ts";
import { verified } from "../verified.ts";
import type { S3Address } from "./s3-address.ts";
import { connectS3, type S3Connection } from "./s3-connection.ts";
import { isAbsent, s3Failure } from "./s3-errors.ts";

/** S3 takes 10,000 parts: enough for 80 GB. */
const PART_BYTES = 8 * 1024 * 1024;
const CONCURRENT_PARTS = 2;
/** Tries of a read whose body broke off; what fails before its body is retried by the SDK. */
const READ_TRIES = 3;
/** Readiness is probed more often than S3 should be written to. */
const PING_FRESH_MS = 30_000;
/** An upload under `incoming/` older than this was left by a dead writer. */
const ABANDONED_MS = 24 * 3_600_000;

/**
 * Blobs as objects named by their SHA-256. S3 makes an object visible whole or not at all, and
 * checks what it receives against the checksum that is sent along. The name of a streamed blob is
 * known at its end: it is uploaded in parts under `incoming/` and copied to its name by S3.
 */
export class S3BlobStore implements BlobStore {
  readonly #address: S3Address;
  #connected: Promise<S3Connection> | undefined;
  #pinged = 0;

  constructor(address: S3Address) {
    this.#address = address;
  }

  async put(bytes: Uint8Array): Promise<BlobKey> {
    const key = hash("sha256", bytes) as BlobKey;
    await this.#ask(({ client, sdk }) =>
      client.send(
        new sdk.PutObjectCommand({
          ...this.#object(key),
          Body: bytes,
          ContentLength: bytes.byteLength,
          ChecksumSHA256: Buffer.from(key, "hex").toString("base64"),
        }),
      ),
    );
    return key;
  }

  putMany(blobs: readonly Uint8Array[]): Promise<BlobKey[]> {
    return Promise.all(blobs.map((bytes) => this.put(bytes)));
  }

  async putStream(
    source: AsyncIterable<Uint8Array>,
    limitBytes: number,
  ): Promise<{ key: BlobKey; bytes: number }> {
    const measured = new MeasuredStream(source, limitBytes);
    const incoming = this.#object(`incoming/${newId()}`);
    try {
      await this.#ask(({ client, upload: Upload }) =>
        new Upload({
          client,
          params: { ...incoming, Body: Readable.from(measured, { objectMode: false }) },
          partSize: PART_BYTES,
          queueSize: CONCURRENT_PARTS,
        }).done(),
      );
      const key = measured.key();
      await this.#copy(incoming, key);
      return { key, bytes: measured.bytes };
    } catch (error) {
      throw measured.failure ?? error;
    } finally {
      // What stays is removed by tidy().
      if (measured.ended) await this.#remove(incoming).catch(() => undefined);
    }
  }

  async get(key: BlobKey): Promise<Uint8Array> {
    return verified(key, await this.#ask((connection) => this.#read(connection, key)));
  }

  async getStream(key: BlobKey, range?: ByteRange): Promise<Readable> {
    const empty = range !== undefined && range.end <= range.start;
    if (empty) return Readable.from([]);
    const { Body } = await this.#ask(({ client, sdk }) =>
      client.send(new sdk.GetObjectCommand({ ...this.#object(key), ...rangeHeader(range) })),
    );
    if (!(Body instanceof Readable)) throw new AxialError("internal");
    return Body;
  }

  async has(key: BlobKey): Promise<boolean> {
    return this.#ask(async ({ client, sdk }) => {
      try {
        await client.send(new sdk.HeadObjectCommand(this.#object(key)));
        return true;
      } catch (error) {
        if (isAbsent(error)) return false;
        throw error;
      }
    });
  }

  async delete(key: BlobKey): Promise<void> {
    await this.#remove(this.#object(key));
  }

  async *list(shard = ""): AsyncGenerator<BlobEntry> {
    const { prefix } = this.#address;
    for await (const { Key = "", Size = 0, LastModified } of this.#objects(shard)) {
      const name = Key.slice(prefix.length);
      if (!isBlobKey(name)) continue;
      yield { key: name, bytes: Size, modifiedAt: LastModified ?? new Date() };
    }
  }

  async tidy(): Promise<void> {
    const before = Date.now() - ABANDONED_MS;
    for await (const { Key, LastModified } of this.#objects("incoming/")) {
      const abandoned = (LastModified?.getTime() ?? before) < before;
      if (abandoned) await this.#remove({ Bucket: this.#address.bucket, Key });
    }
    await this.#abortUploads(before);
  }

  async ping(): Promise<void> {
    if (performance.now() - this.#pinged < PING_FRESH_MS && this.#pinged > 0) return;
    const object = this.#object("incoming/ping");
    await this.#ask(({ client, sdk }) =>
      client.send(new sdk.PutObjectCommand({ ...object, Body: "ping" })),
    );
    this.#pinged = performance.now();
  }

  async pingReads(): Promise<void> {
    if (performance.now() - this.#pinged < PING_FRESH_MS && this.#pinged > 0) return;
    const object = this.#object("incoming/ping");
    await this.#ask(({ client, sdk }) =>
      client.send(new sdk.HeadObjectCommand(object)).catch((error: unknown) => {
        if (!isAbsent(error)) throw error;
      }),
    );
    this.#pinged = performance.now();
  }

  #object(name: string): { Bucket: string; Key: string } {
    return { Bucket: this.#address.bucket, Key: `${this.#address.prefix}${name}` };
  }

  async #read({ client, sdk }: S3Connection, key: BlobKey): Promise<Uint8Array> {
    for (let tries = 1; ; tries += 1) {
      const { Body } = await client.send(new sdk.GetObjectCommand(this.#object(key)));
      try {
        return (await Body?.transformToByteArray()) ?? new Uint8Array(0);
      } catch (error) {
        if (tries === READ_TRIES) throw error;
      }
    }
  }

  async #copy(from: { Bucket: string; Key: string }, key: BlobKey): Promise<void> {
    const CopySource = `${from.Bucket}/${from.Key.split("/").map(encodeURIComponent).join("/")}`;
    await this.#ask(({ client, sdk }) =>
      client.send(new sdk.CopyObjectCommand({ ...this.#object(key), CopySource })),
    );
  }

  async #remove(object: { Bucket: string; Key: string | undefined }): Promise<void> {
    await this.#ask(({ client, sdk }) => client.send(new sdk.DeleteObjectCommand(object)));
  }

  async *#objects(under: string) {
    let token: string | undefined;
    do {
      const page = await this.#ask(({ client, sdk }) =>
        client.send(
          new sdk.ListObjectsV2Command({
            Bucket: this.#address.bucket,
            Prefix: `${this.#address.prefix}${under}`,
            ...(token === undefined ? {} : { ContinuationToken: token }),
          }),
        ),
      );
      yield* page.Contents ?? [];
      token = page.NextContinuationToken;
    } while (token !== undefined);
  }

  async #abortUploads(before: number): Promise<void> {
    const Bucket = this.#address.bucket;
    await this.#ask(async ({ client, sdk }) => {
      const Prefix = this.#object("incoming/").Key;
      const { Uploads } = await client.send(
        new sdk.ListMultipartUploadsCommand({ Bucket, Prefix }),
      );
      for (const { Key, UploadId, Initiated } of Uploads ?? []) {
        if ((Initiated?.getTime() ?? before) >= before) continue;
        await client.send(new sdk.AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
      }
    });
  }

  async #ask<Answer>(call: (connection: S3Connection) => Promise<Answer>): Promise<Answer> {
    this.#connected ??= connectS3(this.#address);
    try {
      return await call(await this.#connected);
    } catch (error) {
      throw s3Failure(error);
    }
  }
}

function rangeHeader(range: ByteRange | undefined): { Range?: string } {
  return range === undefined ? {} : { Range: `bytes=${range.start}-${range.end - 1}` };
}

/** A stream that counts, hashes and limits what passes through it. */
class MeasuredStream implements AsyncIterable<Uint8Array> {
  bytes = 0;
  ended = false;
  /** Why the stream broke off: its reader only learns that it did. */
  failure: unknown;
  readonly #source: AsyncIterable<Uint8Array>;
  readonly #limitBytes: number;
  readonly #digest = createHash("sha256");

  constructor(source: AsyncIterable<Uint8Array>, limitBytes: number) {
    this.#source = source;
    this.#limitBytes = limitBytes;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of this.#source) {
        this.bytes += chunk.byteLength;
        if (this.bytes > this.#limitBytes) {
          throw new AxialError("payload-too-large", { detail: `limit: ${this.#limitBytes} bytes` });
        }
        this.#digest.update(chunk);
        // The receiver's buffer is used again as soon as the next chunk is asked for.
        yield Buffer.from(chunk);
      }
      this.ended = true;
    } catch (error) {
      this.failure = error;
      throw error;
    }
  }

  /** The key of what passed; once. */
  key(): BlobKey {
    return this.#digest.digest("hex") as BlobKey;
  }
}
