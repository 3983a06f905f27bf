import type { StudyId, StudyState } from "@axial/contracts";
import { sql } from "kysely";
import type { DatabaseTransaction } from "../database.ts";
import { closeWhere } from "../ingest/close-studies.ts";
import { rerunStudy } from "../planning/study-actions.ts";
import { answeredStudies, type WantedModel } from "./answered-studies.ts";
import { type BackfillRow, IN_WINDOW } from "./backfills.ts";

interface StartOptions {
  /** Items of one backfill that run at once. */
  readonly maxRunning: number;
  /** What its studies would run; a study that has all these answers is skipped. */
  readonly models: readonly WantedModel[];
}

/**
 * Starts as many items of a backfill as window, rate and hours allow: closes their studies, or runs
 * them again. Returns how many left the state `sent`. Does nothing while another process starts
 * items of the same backfill.
 */
export async function startItems(
  trx: DatabaseTransaction,
  backfill: BackfillRow,
  options: StartOptions,
): Promise<number> {
  const room = await roomOf(trx, backfill.id, options.maxRunning);
  if (room <= 0) return 0;
  const items = await nextItems(trx, backfill.id, room);
  if (items.length === 0) return 0;
  const studies = items.flatMap(({ study }) => (study === null ? [] : [study]));
  const answered = await answeredStudies(trx, studies, options.models);
  const starting: StartingItem[] = [];
  for (const item of items) {
    const { study, state } = item;
    if (study === null) await end(trx, item, ["failed", "study-missing"]);
    else if (state === "held") await end(trx, item, ["refused", "identity-conflict"]);
    else if (answered.has(study)) await end(trx, item, ["skipped", "answered"]);
    else starting.push({ ...item, study });
  }
  await startStudies(trx, backfill, starting);
  await spendRate(trx, backfill.id, starting.length);
  return items.length;
}

interface NextItem {
  readonly id: string;
  readonly study: StudyId | null;
  readonly state: StudyState | null;
}
type StartingItem = NextItem & { readonly study: StudyId };

/** The lock, and room under the window and the token bucket of a minute's items. */
async function roomOf(
  trx: DatabaseTransaction,
  backfill: string,
  maxRunning: number,
): Promise<number> {
  const { rows } = await sql<{ room: number }>`
    SELECT floor(least(${maxRunning} - (SELECT count(*) FROM backfill_item
        WHERE backfill_id = ${backfill} AND state = 'running'),
      CASE WHEN rate_per_minute IS NOT NULL THEN ${TOKENS} END))::integer AS room
    FROM backfill WHERE id = ${backfill} AND state = 'running' AND ${IN_WINDOW}
    FOR UPDATE SKIP LOCKED`.execute(trx);
  return rows[0]?.room ?? 0;
}

const TOKENS = sql`least(rate_per_minute,
  rate_tokens + extract(epoch FROM now() - rate_at) * rate_per_minute / 60.0)`;

async function spendRate(trx: DatabaseTransaction, id: string, started: number): Promise<void> {
  await sql`UPDATE backfill SET rate_tokens = ${TOKENS} - ${started}, rate_at = now()
    WHERE id = ${id} AND rate_per_minute IS NOT NULL`.execute(trx);
}

/** Items whose study is whole: the source says so, or it has been quiet for its tenant's period. */
async function nextItems(
  trx: DatabaseTransaction,
  backfill: string,
  limit: number,
): Promise<NextItem[]> {
  const { rows } = await sql<NextItem>`
    SELECT item.id, study.id AS study, study.state
    FROM backfill_item AS item JOIN tenant ON tenant.id = item.tenant_id
    LEFT JOIN study ON study.tenant_id = item.tenant_id AND study.study_uid = item.study_uid
    WHERE item.backfill_id = ${backfill} AND item.state = 'sent'
      AND (item.whole OR study.id IS NULL OR study.state <> 'receiving'
        OR study.last_instance_at < now() - make_interval(secs => tenant.quiet_period_seconds))
    ORDER BY item.id LIMIT ${limit} FOR UPDATE OF item SKIP LOCKED`.execute(trx);
  return rows;
}

async function end(
  trx: DatabaseTransaction,
  { id }: NextItem,
  [state, code]: readonly ["failed" | "refused" | "skipped", string],
): Promise<void> {
  const finished_at = new Date();
  await trx
    .updateTable("backfill_item")
    .set({ state, code, finished_at })
    .where("id", "=", id)
    .execute();
}

/** Studies are locked in key order, as everything does that locks many of them. */
async function startStudies(
  trx: DatabaseTransaction,
  { models }: BackfillRow,
  items: readonly StartingItem[],
): Promise<void> {
  if (items.length === 0) return;
  const studies = items.map(({ study }) => study);
  await sql`SELECT FROM study WHERE id = ANY(${studies}::text[])
    ORDER BY tenant_id, study_uid FOR UPDATE`.execute(trx);
  await sql`
    UPDATE study SET lane = 'backfill',
      requested_models = coalesce(${models}::text[], requested_models)
    WHERE id = ANY(${studies}::text[]) AND state <> 'closed'`.execute(trx);
  await closeWhere(trx, sql<boolean>`study.id = ANY(${studies}::text[])`, "explicit");
  for (const { study, state } of items) {
    if (state !== "receiving" && state !== "closed") await rerunStudy(trx, study, { models });
  }
  await sql`
    UPDATE backfill_item SET state = 'running', code = NULL, attempts = attempts + 1,
      started_at = now(), finished_at = NULL
    WHERE id = ANY(${items.map(({ id }) => id)}::text[])`.execute(trx);
}
