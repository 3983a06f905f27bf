import { newId, type TenantId } from "@axial/contracts";
import type { Database } from "@axial/store/database";
import { sql } from "kysely";

const TENANT = "default" as TenantId;

/** Writes a backfill that is over, with `items` items of every end, and analyses the tables. */
export async function fillBackfill(
  db: Database,
  items: number,
): Promise<{ readonly id: string; readonly itemAt: (place: number) => string }> {
  const id = newId<string>();
  await sql`
    INSERT INTO backfill (id, tenant_id, name, source, state, listed, created_at, finished_at)
    VALUES (${id}, ${TENANT}, ${`items ${items}`}, 'sent', 'done', true,
      now() - interval '3 days', now())`.execute(db);
  const prefix = items.toString(16).padStart(12, "0");
  await sql`
    INSERT INTO backfill_item (id, backfill_id, tenant_id, study_uid, state, code, attempts, whole,
      started_at, finished_at)
    SELECT ${prefix} || lpad(to_hex(n), 20, '0'), ${id}, ${TENANT},
      '2.25.' || (n * 7919 + ${items}::bigint * 1000003)::text,
      CASE n % 10 WHEN 0 THEN 'refused' WHEN 1 THEN 'failed' WHEN 2 THEN 'skipped' ELSE 'done' END,
      CASE n % 10 WHEN 0 THEN 'wrong-body-part' WHEN 1 THEN 'result-timeout'
        WHEN 2 THEN 'answered' END,
      1, true, now() - interval '2 days' + n * interval '100 milliseconds',
      now() - interval '2 days' + n * interval '100 milliseconds' + (n % 977) * interval '10 milliseconds'
    FROM generate_series(1, ${items}::bigint) AS n`.execute(db);
  await sql`VACUUM (ANALYZE) backfill_item`.execute(db);
  return { id, itemAt: (place) => prefix + place.toString(16).padStart(20, "0") };
}
