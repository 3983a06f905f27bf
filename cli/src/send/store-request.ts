import { createReadStream } from "node:fs";
import type { AxialClient, StoreAnswer, StoredFile } from "@axial/client";
import type { Content } from "../files/content.ts";

/** How the sender wants its instances to be treated. */
export interface StoreOptions {
  readonly lane: string;
  /** Model ids; null leaves the choice to the planner. */
  readonly models: readonly string[] | null;
}

const PIECE = 1 << 20;

/** Sends instances as one request; rejects as `AxialClient.store` does. */
export function storeRequest(
  client: AxialClient,
  contents: readonly Content[],
  { lane, models }: StoreOptions,
): Promise<StoreAnswer> {
  return client.store(contents.map(storedFile), { lane, models });
}

function storedFile({ head, file }: Content): StoredFile {
  return file === null ? head : createReadStream(file, { highWaterMark: PIECE });
}
