import type { AxialClient } from "@axial/client";
import type { BackfillResult } from "@axial/contracts";
import { Patience } from "../../send/patience.ts";
import { pseudonymised } from "./pseudonyms.ts";
import { type ExportFormat, openWriter, type ResultWriter } from "./writers.ts";

export interface ExportOptions {
  readonly id: string;
  readonly format: ExportFormat;
  readonly file: string;
  /** Null keeps UIDs and numbers as they are. */
  readonly secret: string | null;
}

/** Studies of a request; the memory of an export holds one page. */
const PAGE = 500;
/** How long the server may be away. */
const PATIENCE_MS = 600_000;

/** Writes every row of a backfill to a file. Returns how many. */
export async function exportBackfill(
  client: AxialClient,
  { id, format, file, secret }: ExportOptions,
): Promise<number> {
  const writer = await openWriter(format, file);
  try {
    const count = await writeRows(writer, { client, id, secret });
    await writer.end();
    return count;
  } catch (error) {
    await writer.abandon();
    throw error;
  }
}

interface Exported {
  readonly client: AxialClient;
  readonly id: string;
  readonly secret: string | null;
}

async function writeRows(writer: ResultWriter, { client, id, secret }: Exported): Promise<number> {
  const patience = new Patience({ forMs: PATIENCE_MS, onOutage: () => {}, onRecovery: () => {} });
  let count = 0;
  for (let after: string | null = ""; after !== null; ) {
    const query = new URLSearchParams({ limit: String(PAGE), ...(after === "" ? {} : { after }) });
    const page: { rows: BackfillResult[]; next: string | null } = await patience.run(() =>
      client.json(`/api/v1/backfills/${id}/results?${query}`),
    );
    const { rows, next } = page;
    await writer.write(secret === null ? rows : rows.map((row) => pseudonymised(row, secret)));
    count += rows.length;
    after = next;
  }
  return count;
}
