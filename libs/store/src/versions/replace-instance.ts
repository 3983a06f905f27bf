import type { BlobStore } from "@axial/blobs";
import {
  AxialError,
  type BlobKey,
  type NewerInstancePolicy,
  type SeriesId,
  type StudyId,
} from "@axial/contracts";
import { sql } from "kysely";
import { type AuditEntry, writeAudit } from "../audit/index.ts";
import type { Database, DatabaseTransaction } from "../database.ts";
import { afterRemoval } from "../deletion/after-removal.ts";
import { setAside } from "../deletion/set-aside.ts";
import { lockStudies } from "../ingest/lock-studies.ts";
import type { NewInstance } from "../ingest/new-instance.ts";
import { writeInstances } from "../ingest/store-instances.ts";
import { notify } from "../notify.ts";
import { settleIdentities } from "../patients/settle-identities.ts";
import { cancelActiveRuns, type WithdrawnJob } from "../planning/cancel-runs.ts";
import { removeAnswers } from "../remove-answers.ts";
import { withReprieve } from "../retention/reprieve.ts";
import { correctTags } from "./correct-tags.ts";

/** A newer version of a stored instance, and what becomes of the earlier one. */
interface Replacement {
  readonly instance: NewInstance;
  readonly policy: Exclude<NewerInstancePolicy, "reject">;
  /** Who sent it, and from where. */
  readonly by: Pick<AuditEntry, "principal" | "address">;
}

interface Replaced {
  readonly study: StudyId;
  /** Jobs to withdraw after the commit. */
  readonly jobs: readonly WithdrawnJob[];
}

/** Senders of versions of one instance that overtake each other. */
const MAX_TRIES = 5;

/**
 * Puts a newer version of an instance in the place of the stored one, which is set aside. Its study
 * is open again and planned anew when it closes; until that has an answer the earlier one stays
 * current (invariant 14). Where the newer version is of another study or series, the one that it
 * left loses the answers that rest on it. Study and series say of themselves what the newest version
 * says. Patients who contradict each other while only some instances are corrected hold the study no
 * earlier than it closes. Audited in the same transaction. Throws `conflict` where it would take an
 * instance out of a study under legal hold.
 */
export async function replaceInstance(
  db: Database,
  blobs: Pick<BlobStore, "has">,
  replacement: Replacement,
): Promise<Replaced> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const replaced = await withReprieve((reprieved) =>
      db
        .transaction()
        .execute((trx) => replace(trx, replacement, reprieved ? blobs : null))
        .catch((thrown: unknown) => {
          if (thrown instanceof Overtaken) return null;
          throw thrown;
        }),
    );
    if (replaced !== null) return replaced;
  }
  throw new AxialError("unavailable", { detail: "versions of the instance overtook each other" });
}

/** Thrown to undo what was done under the locks: another took the place meanwhile. */
class Overtaken extends Error {}

interface Holder {
  readonly id: string;
  readonly study_id: StudyId;
  readonly series_id: SeriesId;
  readonly study_uid: string;
  readonly series_uid: string;
  readonly blob: BlobKey;
  readonly held: boolean;
}

async function replace(
  trx: DatabaseTransaction,
  { instance, policy, by }: Replacement,
  blobs: Pick<BlobStore, "has"> | null,
): Promise<Replaced> {
  const holder = await findHolder(trx, instance);
  const moved = holder === undefined ? null : movedFrom(holder, instance);
  // Tasks and runs before studies: the order in which the recorder locks them.
  const jobs = holder && moved ? await cancelActiveRuns(trx, holder.study_id) : [];
  await lockBoth(trx, instance, holder);
  const now = await findHolder(trx, instance);
  if (now?.id !== holder?.id) throw new Overtaken();
  if (now !== undefined) await makeRoom(trx, now, { moved, policy });
  const [outcome] = await writeInstances(trx, [instance], { blobs, strangers: "note" });
  if (outcome === undefined || outcome.status === "conflict") throw new Overtaken();
  const place = { study: outcome.study, tenant: instance.tenant };
  await correctTags(trx, place, instance);
  await settleIdentities(trx, place);
  await reopenForCorrection(trx, outcome.study);
  if (now !== undefined && moved !== null) await leave(trx, now, moved);
  const detail = { policy, moved: moved !== null };
  await writeAudit(trx, { ...by, action: "instance.replace", target: place.study, detail });
  await notify(trx, { event: "study-changed", payload: outcome.study });
  return { study: outcome.study, jobs };
}

async function findHolder(
  trx: DatabaseTransaction,
  { tenant, facts }: NewInstance,
): Promise<Holder | undefined> {
  const { rows } = await sql<Holder>`
    SELECT i.id, i.study_id, i.series_id, study.study_uid, s.series_uid, i.blob,
      study.hold_since IS NOT NULL AS held
    FROM instance i JOIN series s ON s.id = i.series_id JOIN study ON study.id = i.study_id
    WHERE i.tenant_id = ${tenant} AND i.sop_instance_uid = ${facts.sopInstanceUid}`.execute(trx);
  return rows[0];
}

function movedFrom(holder: Holder, { facts }: NewInstance): "study" | "series" | null {
  if (holder.study_uid !== facts.studyUid) return "study";
  return holder.series_uid === facts.seriesUid ? null : "series";
}

/** The study that it names and the one that holds it, in the order of their keys. */
async function lockBoth(
  trx: DatabaseTransaction,
  instance: NewInstance,
  holder: Holder | undefined,
): Promise<void> {
  const other = holder && { ...instance.facts, studyUid: holder.study_uid };
  const named = other === undefined ? [] : [{ ...instance, facts: other }];
  await lockStudies(trx, [instance, ...named]);
}

interface Room {
  readonly moved: ReturnType<typeof movedFrom>;
  readonly policy: Replacement["policy"];
}

/** Under legal hold nothing that was received is let go, whatever the policy. */
async function makeRoom(
  trx: DatabaseTransaction,
  holder: Holder,
  { moved, policy }: Room,
): Promise<void> {
  if (holder.held && moved === "study") {
    throw new AxialError("conflict", { detail: "its study is under legal hold" });
  }
  const keep = policy === "keep-both" || holder.held ? "study" : "days";
  const which = sql<boolean>`i.id = ${holder.id}`;
  await setAside(trx, { study: holder.study_id, which, reason: "replaced", keep });
  await sql`UPDATE study SET instance_count = instance_count - 1
    WHERE id = ${holder.study_id}`.execute(trx);
  await sql`UPDATE series SET instance_count = instance_count - 1
    WHERE id = ${holder.series_id}`.execute(trx);
}

/** What it left behind: its former study, or only its former series. */
async function leave(
  trx: DatabaseTransaction,
  { study_id, series_id }: Holder,
  moved: "study" | "series",
): Promise<void> {
  if (moved === "study") await afterRemoval(trx, study_id, [series_id]);
  else await removeAnswers(trx, study_id, [series_id]);
}

/**
 * Opens a locked study in which a version was replaced: more corrections may follow, and it closes
 * as ever. One that waited for the planner waits until then; one that was held is open when nothing
 * contradicts any more; one that was cancelled stays so.
 */
async function reopenForCorrection(trx: DatabaseTransaction, study: StudyId): Promise<void> {
  await sql`
    UPDATE study SET state = 'receiving', plan_reason = NULL, close_reason = NULL,
      completed_at = NULL, state_since = now(), last_instance_at = now()
    WHERE id = ${study} AND state <> 'cancelled'
      AND NOT (state = 'held' AND EXISTS (SELECT FROM study_identity
        WHERE study_id = ${study} AND resolved_at IS NULL))`.execute(trx);
}
