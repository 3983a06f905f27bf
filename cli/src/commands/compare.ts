import { AxialClient } from "@axial/client";
import type { Comparison, Disagreement } from "@axial/contracts";
import type { Command } from "commander";
import { backfillId } from "../backfill/backfill-id.ts";
import { readDisagreements, writeDisagreements } from "../backfill/disagreements.ts";
import { type ConnectionOptions, connectionFrom, withConnection } from "../client/connection.ts";
import { printJson, printLine } from "../output.ts";
import { comparisonLines } from "../render/comparison-lines.ts";

const LISTED = 20;

interface CompareOptions extends ConnectionOptions {
  readonly backfill: string;
  readonly limit: number;
  readonly report?: string;
  readonly json: boolean;
}

/** `axial compare A@1 A@2 --backfill ID`. */
export function registerCompare(program: Command): void {
  withConnection(
    program
      .command("compare <first> <second>")
      .description("how far two model versions agree: agreement, kappa, confusion, disagreements"),
  )
    .requiredOption("--backfill <name>", "over the studies of this backfill, by name or id")
    .option("--limit <count>", "disagreements that are shown", Number, LISTED)
    .option("--report <file>", "all disagreements, as .csv or .ndjson")
    .option("--json", "print one JSON document", false)
    .action(compare);
}

async function compare(first: string, second: string, options: CompareOptions): Promise<void> {
  const client = new AxialClient(connectionFrom(options));
  const id = await backfillId(client, options.backfill);
  const query = new URLSearchParams({ a: first, b: second });
  const path = `/api/v1/backfills/${id}/comparison`;
  const comparison = await client.json<Comparison>(`${path}?${query}`);
  const source = () => readDisagreements(client, path, query);
  const disagreements: Disagreement[] = [];
  if (options.limit > 0) {
    for await (const one of source()) {
      if (disagreements.push(one) >= options.limit) break;
    }
  }
  if (options.report !== undefined) await writeDisagreements(options.report, source());
  if (options.json) printJson({ ...comparison, disagreements });
  else for (const line of comparisonLines(comparison, disagreements)) printLine(line);
  if (comparison.pairs === 0) process.exitCode = 1;
}
