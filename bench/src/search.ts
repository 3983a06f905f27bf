import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { StudyId, TenantId } from "@axial/contracts";
import { startLocalPostgres } from "@axial/local-postgres";
import { type Database, openDatabase } from "@axial/store/database";
import { migrate } from "@axial/store/migrate";
import { searchArchive, searchAttribute, type ValueMatch } from "@axial/store/search";
import { type StudySearch, searchStudies } from "@axial/store/views";
import { benchFolder } from "./bench-folder.ts";
import { type BenchOptions, median, quantile, rounded } from "./figures.ts";
import { fillArchive, MODEL, patientNameOf, RARE } from "./search/fill-archive.ts";

const FULL = { studies: 1_000_000, listed: 100_000, rounds: 15 };
const QUICK = { studies: 2_000, listed: 1_000, rounds: 2 };
const TENANT = "default" as TenantId;
/** What OHIF asks for. */
const PAGE = 101;
/** What the console asks for. */
const CONSOLE_PAGE = 25;

/**
 * How long the archive's searches take over a million studies: by name, exact and with wildcards,
 * by what other indexes hold, and pages far from the first; and before that, over the first hundred
 * thousand, those of the console's list (`GET /api/v1/studies`). Milliseconds in the store, median and
 * slowest of the rounds, and the first, which is not among them: it reads what no query had read.
 */
export async function runSearch({ quick }: BenchOptions): Promise<object> {
  const { studies, listed, rounds } = quick ? QUICK : FULL;
  const folder = await benchFolder("search");
  const postgres = await startLocalPostgres({ folder: join(folder, "postgres"), durable: false });
  try {
    const db = openDatabase(await postgres.database("search"), { onIdleError: () => {} });
    try {
      await migrate(db);
      const started = performance.now();
      await fillArchive(db, TENANT, { from: 0, to: listed });
      const list = await measure(listsOver(db, listed), rounds);
      await fillArchive(db, TENANT, { from: listed, to: studies });
      const fillSeconds = rounded((performance.now() - started) / 1_000, 0);
      const archive = await measure(archiveSearches(db, studies), rounds);
      return { studies, fillSeconds, ...archive, listed, list };
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

/** Resolves with how many rows the search of a round found. */
type Searches = Readonly<Record<string, (round: number) => Promise<number>>>;

function archiveSearches(db: Database, studies: number): Searches {
  return Object.fromEntries(
    Object.entries(queriesOver(studies)).map(([name, query]) => [
      name,
      async (round: number) => (await search(db, query, round)).length,
    ]),
  );
}

/** What the console's list is asked for; a page far down is reached by a cursor. */
function listsOver(db: Database, studies: number): Searches {
  const list = (of: (round: number) => Partial<StudySearch>) => async (round: number) =>
    (await searchStudies(db, { tenant: TENANT, limit: CONSOLE_PAGE, ...of(round) })).length;
  const some = (round: number) => (round * 7_907) % studies;
  const idOf = (index: number) => index.toString(16).padStart(32, "0") as StudyId;
  return {
    newest: list(() => ({})),
    far: list(() => ({ after: idOf(Math.floor(studies / 100)) })),
    state: list(() => ({ state: "complete" })),
    stateNone: list(() => ({ state: "held" })),
    uid: list((round) => ({ study: `2.25.${idOf(some(round)).slice(0, 30)}` })),
    patient: list((round) => ({ patient: patientNameOf(some(round)).slice(2, 7) })),
    accession: list((round) => ({ accession: `A${some(round)}` })),
    dates: list(() => ({ from: "20120101", to: "20120131" })),
    label: list(() => ({ label: RARE, model: MODEL })),
    labelNone: list(() => ({ label: "never" })),
  };
}

async function measure(searches: Searches, rounds: number): Promise<object> {
  const figures: Record<string, object> = {};
  for (const [name, look] of Object.entries(searches)) {
    const times: number[] = [];
    let found = 0;
    for (let round = 0; round <= rounds; round += 1) {
      const started = performance.now();
      found = await look(round);
      times.push(performance.now() - started);
    }
    const [first = 0, ...later] = times;
    const [typical, slowest] = [median(later), quantile(later, 1)];
    figures[name] = {
      ...{ ms: rounded(typical, 1), slowest: rounded(slowest, 1) },
      ...{ first: rounded(first, 1), found },
    };
  }
  return figures;
}

function search(db: Database, { tag, match, offset = 0 }: Query, round: number) {
  const attribute = tag === undefined ? null : searchAttribute([tag]);
  const conditions = attribute && match ? [attribute.condition(match(round))] : [];
  return searchArchive(db, { tenant: TENANT, level: "study", conditions, limit: PAGE, offset });
}
