import { sql } from "kysely";
import type { Database } from "../database.ts";

/** Gateways write every few seconds; for so long the highest level of several stands. */
const HIGHEST_HOLDS_SECONDS = 30;
/** A level that no gateway repeated for so long is no longer true. */
const KNOWN_FOR_SECONDS = 60;

/** How full one limit of the intake is. */
export interface IntakeLevel {
  /** As in the label of `axial_admission_level`. */
  readonly name: string;
  /** As operators read it. */
  readonly what: string;
  /** The used share, 0..1 and beyond. */
  readonly level: number;
  /** The volume that it is about, in bytes; null where that is not on the gateway's machine. */
  readonly disk: { readonly size: number; readonly free: number } | null;
}

/** Writes what a gateway read; of several gateways the highest level stands for half a minute. */
export async function writeIntakeLevels(
  db: Database,
  levels: readonly IntakeLevel[],
): Promise<void> {
  for (const { name, what, level, disk } of levels) {
    await sql`
      INSERT INTO intake_level (name, what, level, disk_size, disk_free)
      VALUES (${name}, ${what}, ${level}, ${disk?.size ?? null}, ${disk?.free ?? null})
      ON CONFLICT (name) DO UPDATE SET what = excluded.what, level = excluded.level,
        disk_size = excluded.disk_size, disk_free = excluded.disk_free, read_at = now()
      WHERE excluded.level >= intake_level.level
        OR intake_level.read_at < now() - make_interval(secs => ${HIGHEST_HOLDS_SECONDS})`.execute(
      db,
    );
  }
}

/** The levels of now, by name; empty when no gateway has said anything for a minute. */
export async function readIntakeLevels(db: Database): Promise<IntakeLevel[]> {
  const rows = await db
    .selectFrom("intake_level")
    .selectAll()
    .where("read_at", ">", sql<Date>`now() - make_interval(secs => ${KNOWN_FOR_SECONDS})`)
    .orderBy("name")
    .execute();
  return rows.map(({ name, what, level, disk_size: size, disk_free: free }) => ({
    name,
    what,
    level,
    disk: size === null || free === null ? null : { size: Number(size), free: Number(free) },
  }));
}
