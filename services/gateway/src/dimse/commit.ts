import type { TenantId } from "@axial/contracts";
import type { CommitmentRequest, CommitmentResult } from "@axial/dimse";
import { storedSopClasses } from "@axial/store/application-entities";
import type { Dependencies } from "../dependencies.ts";

/** Failure reasons of storage commitment (PS3.3 C.14.1.1). */
const NO_SUCH_INSTANCE = 0x0112;
const CLASS_CONFLICT = 0x0119;

/** Which of the instances are stored, by the UIDs that their sender knows. */
export async function commitTo(
  { db, deidentifiers }: Pick<Dependencies, "db" | "deidentifiers">,
  tenant: TenantId,
  { transactionUid, instances: wanted }: CommitmentRequest,
): Promise<CommitmentResult> {
  const deidentifier = await deidentifiers.of(tenant);
  const storedUid = (uid: string) => deidentifier?.uid(uid) ?? uid;
  const uids = wanted.map(({ sopInstanceUid }) => storedUid(sopInstanceUid));
  const classes = await storedSopClasses(db, tenant, uids);
  const failed = wanted.flatMap((one) => {
    const stored = classes.get(storedUid(one.sopInstanceUid));
    if (stored === one.sopClassUid) return [];
    return [{ ...one, reason: stored === undefined ? NO_SUCH_INSTANCE : CLASS_CONFLICT }];
  });
  const lost = new Set(failed.map(({ sopInstanceUid }) => sopInstanceUid));
  const instances = wanted.filter((one) => !lost.has(one.sopInstanceUid));
  return { transactionUid, instances, failed };
}
