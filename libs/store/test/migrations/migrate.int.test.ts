import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { type Database, openDatabase } from "@axial/store/database";
import { appliedMigrations, migrate } from "@axial/store/migrate";
import { type PostgresServer, startPostgres } from "@axial/testkit";
import { sql } from "kysely";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MIGRATION_NAMES } from "../../src/migrate.ts";

const read = (name: string) => readFile(new URL(name, import.meta.url), "utf8");

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

interface Opened {
  readonly db: Database;
  /** Runs the statements of a file, all of them. */
  readonly runFile: (text: string) => Promise<void>;
}

async function withDatabase(act: (opened: Opened) => Promise<void>): Promise<void> {
  const url = await server.createDatabase({ empty: true });
  const db = openDatabase(url, { onIdleError: () => {} });
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await act({ db, runFile: async (text) => void (await client.query(text)) });
  } finally {
    await client.end();
    await db.destroy();
  }
}

/** A hash of everything that the catalogue says about our tables. */
async function fingerprint(db: Database): Promise<string> {
  const { rows } = await sql<{ line: string }>`
    SELECT format('column %s.%s %s %s %s', c.relname, a.attname,
        format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid)) AS line
      FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
      LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
      WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0
        AND NOT a.attisdropped AND c.relname NOT LIKE 'kysely%'
    UNION ALL SELECT 'index ' || indexdef FROM pg_indexes
      WHERE schemaname = 'public' AND tablename NOT LIKE 'kysely%'
    UNION ALL SELECT format('constraint %s %s', conrelid::regclass, pg_get_constraintdef(oid))
      FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
        AND conrelid::regclass::text NOT LIKE 'kysely%'
    UNION ALL SELECT 'trigger ' || pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT 'function ' || pg_get_functiondef(oid) FROM pg_proc
      WHERE pronamespace = 'public'::regnamespace
    ORDER BY line`.execute(db);
  return createHash("sha256")
    .update(rows.map((row) => row.line).join("\n"))
    .digest("hex");
}

/** The rows of a table with its former columns, as text. */
async function rowsOf(db: Database, table: string, columns: readonly string[]): Promise<string[]> {
  const names = sql.join(columns.map((column) => sql.ref(column)));
  const { rows } = await sql<{ row: string }>`
    SELECT to_jsonb(t)::text AS row FROM (SELECT ${names} FROM ${sql.table(table)}) AS t
    ORDER BY 1`.execute(db);
  return rows.map((found) => found.row);
}

async function tablesOf(db: Database): Promise<Map<string, string[]>> {
  const { rows } = await sql<{ table_name: string; columns: string[] }>`
    SELECT table_name, array_agg(column_name::text ORDER BY ordinal_position) AS columns
    FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name NOT LIKE 'kysely%'
    GROUP BY table_name`.execute(db);
  return new Map(rows.map((row) => [row.table_name, row.columns]));
}

test("a released migration never changes: each leaves the schema that it always left", () =>
  withDatabase(async ({ db }) => {
    const released = JSON.parse(await read("released.json")) as Record<string, string>;
    const found: Record<string, string> = {};
    for (const name of MIGRATION_NAMES) {
      await migrate(db, name);
      found[name] = await fingerprint(db);
    }
    expect(found).toEqual(released);
  }));

describe.each(MIGRATION_NAMES)("from the schema of %s", (from) => {
  test("every row is there after the way to the newest", () =>
    withDatabase(async ({ db, runFile }) => {
      await migrate(db, from);
      await runFile(await read("previous-version.sql"));
      const before = new Map<string, string[]>();
      const tables = await tablesOf(db);
      for (const [table, columns] of tables) before.set(table, await rowsOf(db, table, columns));
      expect(before.get("prediction")).toHaveLength(1);

      await migrate(db);

      expect(await appliedMigrations(db)).toEqual(MIGRATION_NAMES);
      for (const [table, columns] of tables) {
        expect(await rowsOf(db, table, columns), table).toEqual(before.get(table));
      }
    }));
});

test("what the first version writes is taken by the newest schema", () =>
  withDatabase(async ({ db, runFile }) => {
    await migrate(db);
    await runFile(await read("previous-version.sql"));
    const study = db.selectFrom("study").select(["state", "hold_since"]);
    expect(await study.execute()).toEqual([{ state: "complete", hold_since: null }]);
  }));

test("replicas that start together migrate once", () =>
  withDatabase(async ({ db }) => {
    const applied = await Promise.all([migrate(db), migrate(db), migrate(db)]);
    expect(applied.flat()).toEqual(MIGRATION_NAMES);
    expect(await migrate(db)).toEqual([]);
  }));
