import type { StudyId, TenantId } from "@axial/contracts";
import type { Access } from "@axial/kit";
import type { Dependencies } from "../dependencies.ts";
import { storeError } from "./store-error.ts";

/** The sender: a key, or an application entity that `detail` names. */
export type Sender = Pick<Access, "keyId" | "address" | "detail">;

/**
 * Records how many instances of each study came from whom; resolves when that is committed.
 * Rejects with `unavailable` when it cannot be: then the store is not acknowledged either.
 */
export async function recordStores(
  { audit }: Pick<Dependencies, "audit">,
  { tenant, sender }: { readonly tenant: TenantId; readonly sender: Sender },
  studies: readonly StudyId[],
): Promise<void> {
  const counts = new Map<StudyId, number>();
  for (const study of studies) counts.set(study, (counts.get(study) ?? 0) + 1);
  const stored = { ...sender, tenant, action: "study.store", outcome: "success" } as const;
  try {
    await Promise.all(
      [...counts].map(([target, instances]) => audit({ ...stored, target, counts: { instances } })),
    );
  } catch (error) {
    throw storeError(error);
  }
}
