import type { BlobStore } from "@axial/blobs";
import type { StudyPlan } from "@axial/store/planning";
import type { DecidedPlan } from "./decide-plan.ts";

/** Makes the inputs of planned tasks durable, so that no row points at a blob that is not there. */
export async function storePlans(
  decided: readonly DecidedPlan[],
  blobs: BlobStore,
): Promise<StudyPlan[]> {
  const inputs = decided.flatMap(({ tasks }) => tasks.map(({ input }) => input));
  const keys = (await blobs.putMany(inputs.map((input) => Buffer.from(input)))).values();
  return decided.map(({ tasks, refusals }) => ({
    tasks: tasks.map(({ id, series, model, arm, part, slices }) => {
      const { value: key } = keys.next();
      if (key === undefined) throw new RangeError("a blob key for each input");
      return { id, series, model, arm, part, input: key, slices };
    }),
    refusals,
  }));
}
