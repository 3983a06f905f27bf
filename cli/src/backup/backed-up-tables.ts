import type { Client } from "pg";

/** State of one installation at one moment: not worth restoring. */
const LEFT_OUT = [
  "worker",
  "sweep",
  "blob_tombstone",
  "blob_hold",
  "completed_backup",
  "write_probe",
  "intake_level",
  "work_minute",
  "work_sample",
  "request_count",
  "login_failure",
  "quality_progress",
  "open_association",
];

export interface TableShape {
  readonly name: string;
  readonly columns: readonly string[];
}

/** Every table in a backup, each after the tables it refers to. */
export async function backedUpTables(client: Client): Promise<TableShape[]> {
  const { rows } = await client.query<TableShape & { refers: string[] }>(
    `SELECT c.relname AS name,
       ARRAY(SELECT attname::text FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0
         AND NOT attisdropped AND attgenerated = '' ORDER BY attnum) AS columns,
       ARRAY(SELECT DISTINCT r.relname::text FROM pg_constraint k
         JOIN pg_class r ON r.oid = k.confrelid
         WHERE k.conrelid = c.oid AND k.contype = 'f' AND k.confrelid <> c.oid) AS refers
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = 'public' AND c.relkind = 'r' AND c.relname NOT LIKE 'kysely_migration%'
       AND c.relname <> ALL($1::text[])
     ORDER BY c.relname`,
    [LEFT_OUT],
  );
  const ordered: TableShape[] = [];
  const placed = new Set<string>();
  while (ordered.length < rows.length) {
    const next = rows.filter(
      ({ name, refers }) => !placed.has(name) && refers.every((other) => placed.has(other)),
    );
    if (next.length === 0) throw new Error("tables refer to each other in a circle");
    for (const { name, columns } of next) {
      placed.add(name);
      ordered.push({ name, columns });
    }
  }
  return ordered;
}

/** The table and its columns, quoted, for COPY. */
export function copyTarget(client: Client, { name, columns }: TableShape): string {
  const quoted = columns.map((column) => client.escapeIdentifier(column)).join(", ");
  return `public.${client.escapeIdentifier(name)} (${quoted})`;
}
