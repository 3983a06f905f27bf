import { createHash } from "node:crypto";
import { openBlobStore } from "@axial/blobs";
import type { BlobKey } from "@axial/contracts";
import { dataSetOf } from "../data-set-of.ts";
import type { Ledger, SentInstance, SentStudy } from "../load/ledger.ts";
import type { Tenant } from "../load/senders.ts";
import type { Stack } from "../stack/stack.ts";
import { query } from "./query.ts";

/** This many are fetched as clients fetch them; the bytes of all are read from the blob store. */
const RETRIEVED = 40;

interface AuditedInstance {
  readonly study: SentStudy;
  readonly instance: SentInstance;
  readonly series: string;
}

/** Problems with acknowledged instances: each must be stored, byte for byte of what was sent. */
export async function auditInstances(
  stack: Stack,
  ledger: Ledger,
  tenants: readonly Tenant[],
): Promise<string[]> {
  const wanted = ledger.studies.flatMap(acknowledgedOf);
  const rows = await query<{ tenant_id: string; sop_instance_uid: string; blob: BlobKey }>(
    stack.databaseUrl,
    "SELECT tenant_id, sop_instance_uid, blob FROM instance",
  );
  const blobOf = new Map(rows.map((row) => [`${row.tenant_id}/${row.sop_instance_uid}`, row.blob]));
  const blobs = openBlobStore(`file://${stack.blobFolder}`);
  const wrong: string[] = [];
  for (const { study, instance } of wanted) {
    const blob = blobOf.get(`${study.tenant}/${instance.uid}`);
    if (blob === undefined) wrong.push("an acknowledged instance has no row");
    else if (study.service === "stow" && blob !== instance.sha256) {
      wrong.push("an instance's row names other bytes");
    } else {
      const file = await blobs.get(blob).catch((error: Error) => error);
      if (file instanceof Error) wrong.push(`a blob: ${file.message}`);
      else if (!isAsSent(file, study, instance))
        wrong.push("a blob has other bytes than were sent");
    }
  }
  for (const one of every(wanted, RETRIEVED)) {
    const key = tenants.find(({ id }) => id === one.study.tenant)?.key ?? "";
    wrong.push(...(await retrieve(stack, one, key)));
  }
  return wrong;
}

function isAsSent(bytes: Uint8Array, { service }: SentStudy, sent: SentInstance): boolean {
  const file = Buffer.from(bytes);
  const content = service === "stow" ? file : dataSetOf(file);
  const sha256 = createHash("sha256").update(content).digest("hex");
  return sha256 === (service === "stow" ? sent.sha256 : sent.dataSetSha256);
}

function acknowledgedOf(study: SentStudy): AuditedInstance[] {
  return study.series.flatMap((series) =>
    series.instances
      .filter(({ uid }) => study.acknowledged.has(uid))
      .map((instance) => ({ study, instance, series: series.uid })),
  );
}

/** `count` items, evenly spread. */
function every<Item>(items: readonly Item[], count: number): Item[] {
  const step = Math.max(1, Math.floor(items.length / count));
  return items.filter((_, index) => index % step === 0);
}

/** WADO-RS of the stored bytes, as they are. */
async function retrieve(
  stack: Stack,
  { study, instance, series }: AuditedInstance,
  key: string,
): Promise<string[]> {
  const [archive] = stack.services.archive;
  const path = `studies/${study.uid}/series/${series}/instances/${instance.uid}`;
  const accept = 'multipart/related; type="application/dicom"; transfer-syntax=*';
  const headers = { authorization: `Bearer ${key}`, accept };
  const answer = await fetch(`${archive?.url}/dicom-web/${path}`, { headers });
  if (!answer.ok) return [`WADO-RS answered ${answer.status}`];
  const file = onlyPart(Buffer.from(await answer.arrayBuffer()));
  return isAsSent(file, study, instance) ? [] : ["WADO-RS gave other bytes than were sent"];
}

/** The content of a multipart body with one part. */
function onlyPart(body: Buffer): Buffer {
  const start = body.indexOf("\r\n\r\n") + 4;
  return body.subarray(start, body.lastIndexOf("\r\n--"));
}
