import { Pulls } from "./pulls.ts";
import type { StoreAnswer, StoredFile, StoreOptions } from "./store.ts";
import { Studies } from "./studies.ts";
import { type Connection, Transport } from "./transport.ts";

/**
 * Axial's HTTP API for Node, browsers and whatever else has `fetch`. Rejects with ApiError for a
 * problem that the server names; what fetch rejects with (no connection) is handed on.
 *
 * `json` and `post` reach every route of `/openapi.json`; the types of their bodies are exported
 * beside this class.
 */
export class AxialClient extends Transport {
  readonly studies: Studies = new Studies(this);
  readonly pulls: Pulls = new Pulls(this);

  constructor(connection: Connection) {
    super({ ...connection, url: connection.url.replace(/\/$/, "") });
  }

  /** Sends DICOM files in one request; see `storeFiles`. */
  async store(
    files: Iterable<StoredFile> | AsyncIterable<StoredFile>,
    options?: StoreOptions,
  ): Promise<StoreAnswer> {
    // Loaded when it is used: a page that only reads does without it, and without the contracts' schemas.
    const { storeFiles } = await import("./store.ts");
    return storeFiles(this, files, options);
  }

  /** Which of these SHA-256 of files the tenant has; at most 1,000 of them. */
  async known(hashes: readonly string[]): Promise<ReadonlySet<string>> {
    const path = "/api/v1/instances/known";
    return new Set((await this.post<{ known: string[] }>(path, { hashes })).known);
  }
}
