import type { BlobStore, StudyPlan } from "@axial/store";
import type { DecidedPlan } from "./decide-plan.ts";

/** Makes the manifests durable, so that no row points at a blob that is not there. */
export async function storePlan(decided: DecidedPlan, blobs: BlobStore): Promise<StudyPlan> {
  const manifests = decided.tasks.map(({ manifest }) => Buffer.from(JSON.stringify(manifest)));
  const keys = await blobs.putMany(manifests);
  const tasks = decided.tasks.flatMap(({ series, model, manifest }, index) => {
    const key = keys[index];
    if (key === undefined) return [];
    const { id, version } = model;
    return [
      {
        id: manifest.task,
        series,
        model: { id, version },
        manifest: key,
        slices: manifest.slices.length,
      },
    ];
  });
  return { tasks, refusals: decided.refusals };
}
