import { AxialError, type TenantId } from "@axial/contracts";
import type { Database } from "@axial/store/database";
import { type ArchivePath, type StoredInstance, storedInstances } from "@axial/store/search";

/** The instances below a path. Throws `not-found` when there are none. */
export async function findInstances(
  db: Database,
  tenant: TenantId,
  path: ArchivePath,
): Promise<readonly [StoredInstance, ...StoredInstance[]]> {
  const [first, ...rest] = await storedInstances(db, tenant, path);
  if (first === undefined) throw new AxialError("not-found", { detail: "no such resource" });
  return [first, ...rest];
}

/** The address of an instance below `base`. */
export function instanceUrl(base: string, stored: StoredInstance): string {
  const { studyUid, seriesUid, sopInstanceUid } = stored;
  return `${base}/studies/${studyUid}/series/${seriesUid}/instances/${sopInstanceUid}`;
}
