import type { BlobStore } from "@axial/blobs";
import type { StudyPlan } from "@axial/store/planning";
import type { DecidedPlan } from "./decide-plan.ts";

/** Makes the manifests of plans durable, so that no row points at a blob that is not there. */
export async function storePlans(
  decided: readonly DecidedPlan[],
  blobs: BlobStore,
): Promise<StudyPlan[]> {
  const manifests = decided.flatMap(({ tasks }) => tasks.map(({ manifest }) => manifest));
  const keys = (
    await blobs.putMany(manifests.map((manifest) => Buffer.from(JSON.stringify(manifest))))
  ).values();
  return decided.map(({ tasks, refusals }) => ({
    tasks: tasks.map(({ series, model: { id, version }, manifest }) => {
      const { value: key } = keys.next();
      if (key === undefined) throw new RangeError("a blob key for each manifest");
      const { task, slices } = manifest;
      return { id: task, series, model: { id, version }, manifest: key, slices: slices.length };
    }),
    refusals,
  }));
}
