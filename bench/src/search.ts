import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { TenantId } from "@axial/contracts";
import { startLocalPostgres } from "@axial/local-postgres";
import { type Database, openDatabase } from "@axial/store/database";
import { migrate } from "@axial/store/migrate";
import { searchArchive, searchAttribute, type ValueMatch } from "@axial/store/search";
import { benchFolder } from "./bench-folder.ts";
import { type BenchOptions, median, quantile, rounded } from "./figures.ts";
import { fillArchive, patientNameOf } from "./search/fill-archive.ts";

const FULL = { studies: 1_000_000, rounds: 15 };
const QUICK = { studies: 2_000, rounds: 2 };
const TENANT = "default" as TenantId;
/** What OHIF asks for. */
const PAGE = 101;

/**
 * How long the archive's searches take over a million studies: by name, exact and with wildcards,
 * by what other indexes hold, and pages far from the first. Milliseconds in the store, median and
 * slowest of the rounds; the first round of each is not counted.
 */
export async function runSearch({ quick }: BenchOptions): Promise<object> {
  const { studies, rounds } = quick ? QUICK : FULL;
  const folder = await benchFolder("search");
  const postgres = await startLocalPostgres({ folder: join(folder, "postgres"), durable: false });
  try {
    const db = openDatabase(await postgres.database("search"), { onIdleError: () => {} });
    try {
      await migrate(db);
      const started = performance.now();
      await fillArchive(db, TENANT, studies);
      const fillSeconds = rounded((performance.now() - started) / 1_000, 0);
      return { studies, fillSeconds, ...(await measure(db, studies, rounds)) };
    } finally {
      await db.destroy();
    }
  } finally {
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Query {
  readonly tag?: string;
  readonly match?: (round: number) => ValueMatch;
  readonly offset?: number;
}

function queriesOver(studies: number): Readonly<Record<string, Query>> {
  const nameAt = (round: number) => patientNameOf((round * 7_907_003) % studies);
  const name = (of: (name: string) => string): Query => ({
    tag: "00100010",
    match: (round) => ({ kind: "name", names: [of(nameAt(round))] }),
  });
  const equals = (tag: string, of: (round: number) => string): Query => ({
    tag,
    match: (round) => ({ kind: "equals", values: [of(round)] }),
  });
  return {
    nameExact: name((full) => full),
    namePrefix: name((full) => `${full.split("^")[0]}*`),
    nameInfix: name((full) => `*${full.slice(2, 7)}*`),
    nameShortInfix: name((full) => `*${full.slice(1, 4)}*`),
    nameNone: { tag: "00100010", match: () => ({ kind: "name", names: ["*XYZQ*"] }) },
    patientId: equals("00100020", (round) => `P${(round * 7_907) % studies}`),
    accession: equals("00080050", (round) => `A${(round * 7_907) % studies}`),
    firstPage: {},
    ...Object.fromEntries(
      [10_000, 100_000, 500_000, 900_000]
        .filter((offset) => offset < studies)
        .map((offset) => [`offset${offset}`, { offset }]),
    ),
  };
}

async function measure(db: Database, studies: number, rounds: number): Promise<object> {
  const figures: Record<string, object> = {};
  for (const [name, query] of Object.entries(queriesOver(studies))) {
    const times: number[] = [];
    let found = 0;
    for (let round = 0; round <= rounds; round += 1) {
      const started = performance.now();
      found = (await search(db, query, round)).length;
      if (round > 0) times.push(performance.now() - started);
    }
    const [typical, slowest] = [median(times), quantile(times, 1)];
    figures[name] = { ms: rounded(typical, 1), slowest: rounded(slowest, 1), found };
  }
  return figures;
}

function search(db: Database, { tag, match, offset = 0 }: Query, round: number) {
  const attribute = tag === undefined ? null : searchAttribute([tag]);
  const conditions = attribute && match ? [attribute.condition(match(round))] : [];
  return searchArchive(db, { tenant: TENANT, level: "study", conditions, limit: PAGE, offset });
}
