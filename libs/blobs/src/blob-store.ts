import type { Readable } from "node:stream";
import type { BlobKey } from "@axial/contracts";

/** Bytes `start` to `end`, exclusive. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** One stored blob, as `list` shows it. */
export interface BlobEntry {
  readonly key: BlobKey;
  readonly bytes: number;
  readonly modifiedAt: Date;
}

/**
 * Where bytes live: content-addressed by SHA-256, so that writing the same bytes twice is
 * harmless. The obligations bind every adapter.
 */
export interface BlobStore {
  /** Durable when it resolves: a power cut the next instant loses nothing. */
  put(bytes: Uint8Array): Promise<BlobKey>;
  /** The same for many, in their order, at a lower cost than one by one. */
  putMany(blobs: readonly Uint8Array[]): Promise<BlobKey[]>;
  /**
   * The same for a stream, in constant memory. Rejects with `payload-too-large` beyond
   * `limitBytes`.
   */
  putStream(
    source: AsyncIterable<Uint8Array>,
    limitBytes: number,
  ): Promise<{ key: BlobKey; bytes: number }>;
  /** The bytes, verified against the key. Rejects with `blob-missing` or `blob-corrupt`. */
  get(key: BlobKey): Promise<Uint8Array>;
  /**
   * The same, blocking its thread: where blobs are local files, for threads that have nothing
   * else to do. A third of the cost of a read that hops through libuv's pool.
   */
  getSync?(key: BlobKey): Uint8Array;
  /**
   * All or some of the bytes, unverified, for serving large objects. Rejects with `blob-missing`.
   */
  getStream(key: BlobKey, range?: ByteRange): Promise<Readable>;
  has(key: BlobKey): Promise<boolean>;
  /** Removes it. Idempotent. */
  delete(key: BlobKey): Promise<void>;
  /** All, or those of one of 256 shards: keys that begin with these two digits. */
  list(shard?: string): AsyncIterable<BlobEntry>;
  /** Removes incomplete blobs of dead writers, where opening the store does not. */
  tidy?(): Promise<void>;
  /** Rejects with a reason when blobs cannot be written. */
  ping(): Promise<void>;
  /** Rejects with a reason when blobs cannot be read; writes nothing. */
  pingReads(): Promise<void>;
}
