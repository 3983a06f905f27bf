import { open } from "node:fs/promises";
import type { AxialClient } from "@axial/client";
import type { Disagreement } from "@axial/contracts";
import { csvCell } from "../csv.ts";

/** Series that two versions label differently, page by page. */
export async function* readDisagreements(
  client: AxialClient,
  path: string,
  query: URLSearchParams,
): AsyncGenerator<Disagreement> {
  for (let after: string | null = ""; after !== null; ) {
    const page = new URLSearchParams(query);
    if (after !== "") page.set("after", after);
    const answer: { disagreements: Disagreement[]; next: string | null } = await client.json(
      `${path}/disagreements?${page}`,
    );
    yield* answer.disagreements;
    after = answer.next;
  }
}

const COLUMNS = [
  ["study", (row: Disagreement) => row.study],
  ["series", (row: Disagreement) => row.series],
  ["distribution", (row: Disagreement) => row.distribution],
  ["a", (row: Disagreement) => row.a.label],
  ["aProbability", (row: Disagreement) => row.a.probability],
  ["b", (row: Disagreement) => row.b.label],
  ["bProbability", (row: Disagreement) => row.b.probability],
  ["link", (row: Disagreement) => row.links.console],
] as const;

/** Writes them as they come: `.csv`, otherwise a JSON document a line. */
export async function writeDisagreements(
  file: string,
  disagreements: AsyncIterable<Disagreement>,
): Promise<void> {
  const isCsv = file.endsWith(".csv");
  const handle = await open(file, "w", 0o600);
  try {
    if (isCsv) await handle.write(`${COLUMNS.map(([name]) => name).join(",")}\n`);
    for await (const row of disagreements) {
      const line = isCsv
        ? COLUMNS.map(([, value]) => csvCell(value(row))).join(",")
        : JSON.stringify(row);
      await handle.write(`${line}\n`);
    }
  } finally {
    await handle.close();
  }
}
