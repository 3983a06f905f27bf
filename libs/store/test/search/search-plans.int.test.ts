import { newId, newUid, type StudyId, type TenantId } from "@axial/contracts";
import { type Database, openDatabase } from "@axial/store/database";
import { migrate } from "@axial/store/migrate";
import { keepNames } from "@axial/store/patients";
import { searchAttribute, type ValueMatch } from "@axial/store/search";
import { type PostgresServer, startPostgres } from "@axial/testkit";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { archiveQuery } from "../../src/search/search-archive.ts";

const TENANT = "default" as TenantId;
const PATIENT_NAME = "00100010";
/** So many that walking through all of them is not the cheapest. */
const STUDIES = 5_000;
let server: PostgresServer;
let db: Database;

beforeAll(async () => {
  server = await startPostgres();
  db = openDatabase(await server.createDatabase(), { onIdleError: () => {} });
  await migrate(db);
  const studies = Array.from({ length: STUDIES }, (_, index) => ({
    id: newId<StudyId>(),
    tags: { [PATIENT_NAME]: { vr: "PN", Value: [{ Alphabetic: `Name${index}^Given` }] } },
  }));
  const rows = JSON.stringify(studies.map((study) => ({ ...study, study_uid: newUid() })));
  await sql`INSERT INTO study (id, tenant_id, study_uid, state, lane, instance_count, tags)
    SELECT id, ${TENANT}, study_uid, 'complete', 'routine', 1, tags
    FROM jsonb_to_recordset(${rows}::jsonb) AS s(id text, study_uid text, tags jsonb)`.execute(db);
  const named = studies.map(({ id, tags }) => ({ study: id, identity: "", tenant: TENANT, tags }));
  await keepNames(db, named);
  await sql`VACUUM ANALYZE study`.execute(db);
  await sql`VACUUM ANALYZE study_name`.execute(db);
});
afterAll(async () => {
  await db?.destroy();
  await server?.stop();
});

/** How Postgres would search where reading whole tables is no way out, as with a million rows. */
async function planOf(match: ValueMatch | null, offset = 0): Promise<string> {
  const condition = match && searchAttribute([PATIENT_NAME])?.condition(match);
  const conditions = condition ? [condition] : [];
  const search = { tenant: TENANT, level: "study", conditions, limit: 101, offset } as const;
  return db.transaction().execute(async (trx) => {
    await sql`SET LOCAL enable_seqscan = off`.execute(trx);
    const { rows } = await sql<{
      "QUERY PLAN": string;
    }>`EXPLAIN ${archiveQuery(search, false)}`.execute(trx);
    return rows.map((row) => row["QUERY PLAN"]).join("\n");
  });
}

describe("a search of the archive", () => {
  it.each(["NAME17^GIVEN", "name1*", "*ame17*", "?ame17^given"])(
    "by the name %s uses the index of names",
    async (name) => {
      expect(await planOf({ kind: "name", names: [name] })).toContain("study_name_grams");
    },
  );

  it("passes over an offset in an index, without reading what it skips", async () => {
    expect(await planOf(null, 150)).toMatch(/Index Only Scan.* using study_archive/);
  });
});
