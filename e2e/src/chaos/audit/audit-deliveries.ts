import { createHash } from "node:crypto";
import { type BlobStore, openBlobStore } from "@axial/blobs";
import type { BlobKey } from "@axial/contracts";
import { dataSetOf } from "../data-set-of.ts";
import type { Archive } from "../load/archive.ts";
import type { Destinations } from "../load/destinations.ts";
import type { Stack } from "../stack/stack.ts";
import { query } from "./query.ts";

export interface DeliveryAudit {
  readonly lost: readonly string[];
  readonly duplicated: readonly string[];
  readonly delivered: number;
  /** Came again because their sender did not get to know that they were taken: at least once. */
  readonly repeated: number;
  /** Needed more than one attempt. */
  readonly retried: number;
  /** Objects that the archive called stored and did not keep: each was found out and sent again. */
  readonly lies: number;
}

interface DeliveryRow {
  readonly id: string;
  readonly kind: "webhook" | "dimse";
  readonly state: string;
  readonly attempts: number;
  readonly run: string;
  /** Deliveries of this run to this destination. */
  readonly runs: number;
}

/** A report that Axial made. */
interface OwnReport {
  readonly uid: string;
  readonly run: string;
  readonly blob: BlobKey;
}

const DELIVERIES = `SELECT delivery.id, destination.kind, state, attempts, run_id AS run,
    (count(*) OVER (PARTITION BY destination_id, run_id))::integer AS runs
  FROM delivery JOIN destination ON destination.id = delivery.destination_id`;
const UNTOLD = `SELECT count(*)::integer AS count FROM study WHERE state = 'complete'
  AND (SELECT count(*) FROM delivery WHERE delivery.study_id = study.id) < 2`;
const REPORTS = `SELECT sop_instance_uid AS uid, own_run_id AS run, blob FROM instance
  WHERE own_run_id IS NOT NULL AND sop_class_uid = '1.2.840.10008.5.1.4.1.1.88.34'`;

/**
 * Every completed run was offered to each destination once, and everything that is recorded as
 * delivered is there: a webhook was taken, a report is kept by the archive, once and with the bytes
 * that Axial keeps, whatever the archive had said before.
 */
export async function auditDeliveries(
  { databaseUrl, blobFolder }: Stack,
  { receiver, archive }: Destinations,
): Promise<DeliveryAudit> {
  const rows = await query<DeliveryRow>(databaseUrl, DELIVERIES);
  const reports = await query<OwnReport>(databaseUrl, REPORTS);
  const [untold] = await query<{ count: number }>(databaseUrl, UNTOLD);
  const webhooks = rows.filter(({ kind }) => kind === "webhook");
  const counts = webhooks.map(({ id }) => receiver.received.get(id) ?? 0);
  const delivered = rows.filter(({ state }) => state === "delivered");
  const stored = new Set(delivered.flatMap(({ kind, run }) => (kind === "dimse" ? [run] : [])));
  return {
    lost: [
      ...webhooks.flatMap(({ state }, index) =>
        state === "delivered" && counts[index] === 0 ? ["a delivery never came"] : [],
      ),
      ...(await auditArchive(archive, openBlobStore(`file://${blobFolder}`), {
        reports: reports.filter(({ run }) => stored.has(run)),
        runs: stored,
      })),
      ...rows.flatMap(({ state }) => (state === "dead" ? ["a delivery was given up"] : [])),
      ...(untold?.count === 0 ? [] : [`${untold?.count} studies without a delivery`]),
    ],
    duplicated: [
      ...rows.flatMap(({ runs }) => (runs > 1 ? ["two deliveries of one run"] : [])),
      ...archive.changed.map(() => "a report came with two contents"),
      ...foreign(archive, reports),
    ],
    delivered: delivered.length,
    repeated: counts.filter((count) => count > 1).length,
    retried: rows.filter(({ attempts }) => attempts > 1).length,
    lies: archive.lies,
  };
}

interface Stored {
  /** Of the runs that the archive has. */
  readonly reports: readonly OwnReport[];
  readonly runs: ReadonlySet<string>;
}

async function auditArchive(
  archive: Archive,
  blobs: BlobStore,
  { reports, runs }: Stored,
): Promise<string[]> {
  const known = new Set(reports.map(({ run }) => run));
  const lost = [...runs].flatMap((run) => (known.has(run) ? [] : ["a run has no report"]));
  for (const { uid, blob } of reports) {
    const file = Buffer.from(await blobs.get(blob));
    const sha256 = createHash("sha256").update(dataSetOf(file)).digest("hex");
    const kept = archive.kept.get(uid);
    if (kept === undefined) lost.push("a report is not in the archive");
    else if (kept !== sha256) lost.push("a report is in the archive with other bytes");
  }
  return lost;
}

/** What the archive has and Axial does not know: the same run twice under two UIDs. */
function foreign(archive: Archive, reports: readonly OwnReport[]): string[] {
  const known = new Set(reports.map(({ uid }) => uid));
  return [...archive.kept.keys()].flatMap((uid) =>
    known.has(uid) ? [] : ["the archive has a report that Axial does not"],
  );
}
