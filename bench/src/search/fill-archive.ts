import type { TenantId } from "@axial/contracts";
import type { Database } from "@axial/store/database";
import { keepNames, type NamedStudy } from "@axial/store/patients";
import { sql } from "kysely";

/** Different names, as a register of a large city has them; both together name one patient. */
const SURNAMES = 20_000;
const GIVEN_NAMES = 2_000;
/** Names folded in one statement. */
const BATCH = 5_000;
export const MODEL = "bench-model";
/** What one study in sixteen says. */
export const RARE = "rare";
const SYLLABLES = "ba be bi bo da de di do ka ke ko la le li lo ma me mi mo na ne ni no ra re ri";

const syllables = SYLLABLES.split(" ");

/** The number in base 26, written in syllables: the same for the same number. */
function wordOf(number: number): string {
  const word: string[] = [];
  for (let rest = number + syllables.length ** 2; rest > 0; ) {
    word.push(syllables[rest % syllables.length] ?? "");
    rest = Math.floor(rest / syllables.length);
  }
  return word.join("").toUpperCase();
}

/** The name of study `index`. */
export function patientNameOf(index: number): string {
  const given = Math.floor(index / SURNAMES) + index * 7;
  return `${wordOf((index * 7_919) % SURNAMES)}^${wordOf(given % GIVEN_NAMES)}`;
}

/** Of studies by their number. */
interface Numbers {
  readonly from: number;
  readonly to: number;
}

/**
 * Writes studies of a series each, with a run, a task and a prediction: rows of an archive, without
 * files.
 */
export async function fillArchive(
  db: Database,
  tenant: TenantId,
  { from, to }: Numbers,
): Promise<void> {
  await sql`DROP INDEX study_name_grams`.execute(db);
  for (let next = from; next < to; next += BATCH) {
    await fillBatch(db, tenant, { from: next, to: Math.min(next + BATCH, to) });
  }
  await db.transaction().execute(async (trx) => {
    await sql`SET LOCAL statement_timeout = 0`.execute(trx);
    await sql`SET LOCAL maintenance_work_mem = '512MB'`.execute(trx);
    await sql`CREATE INDEX study_name_grams ON study_name USING gin (grams)`.execute(trx);
  });
  await sql`SET statement_timeout = 0`.execute(db);
  await sql`VACUUM (ANALYZE)`.execute(db);
}

async function fillBatch(db: Database, tenant: TenantId, { from, to }: Numbers): Promise<void> {
  const named = Array.from({ length: to - from }, (_, index): NamedStudy => {
    const study = (from + index).toString(16).padStart(32, "0");
    return { study, identity: "", tenant, tags: tagsOf(from + index) };
  });
  const rows = JSON.stringify(named.map(({ study, tags }) => ({ study, tags })));
  const given = sql`jsonb_to_recordset(${rows}::jsonb) AS s(study text, tags jsonb)`;
  await db.transaction().execute(async (trx) => {
    await sql`INSERT INTO study (id, tenant_id, study_uid, state, lane, instance_count, tags)
      SELECT study, ${tenant}, '2.25.' || study, 'complete', 'routine', 16, tags
      FROM ${given}`.execute(trx);
    await sql`INSERT INTO series (id, study_id, series_uid, modality, instance_count)
      SELECT study, study, '2.25.' || study, 'MR', 16 FROM ${given}`.execute(trx);
    await sql`INSERT INTO run (id, study_id, number, reason, state, unfinished, completed_at,
        answered_at, render_due)
      SELECT study, study, 1, 'closed', 'complete', 0, now(), now(), false FROM ${given}`.execute(
      trx,
    );
    await sql`INSERT INTO task (id, run_id, study_id, series_id, tenant_id, lane, model_id,
        model_version, manifest, slices, state)
      SELECT study, study, study, study, ${tenant}, 'routine', ${MODEL}, '1.0.0', '', 16, 'done'
      FROM ${given}`.execute(trx);
    await sql`INSERT INTO prediction (id, task_id, run_id, study_id, series_id, tenant_id, model_id,
        model_version, model_sha256, evidence, provider, label, probability, result, result_blob,
        attempt, wait_ms, persist_ms)
      SELECT study, study, study, study, study, ${tenant}, ${MODEL}, '1.0.0', '', 'synthetic',
        'cpu', CASE WHEN right(study, 1) = '0' THEN ${RARE} ELSE 'common' END, 0.9, '{}', '', 1, 1, 1
      FROM ${given}`.execute(trx);
    await keepNames(trx, named);
  });
}

const DAYS = 5_000;

function tagsOf(index: number): NamedStudy["tags"] {
  const day = new Date(Date.UTC(2010, 0, 1 + (index % DAYS))).toISOString().slice(0, 10);
  return {
    "00080020": { vr: "DA", Value: [day.replaceAll("-", "")] },
    "00080050": { vr: "SH", Value: [`A${index}`] },
    "00100010": { vr: "PN", Value: [{ Alphabetic: patientNameOf(index) }] },
    "00100020": { vr: "LO", Value: [`P${index % 400_000}`] },
  };
}
