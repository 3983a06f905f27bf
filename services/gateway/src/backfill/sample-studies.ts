import type { StudyId } from "@axial/contracts";
import { type Selected, sampleSelection } from "@axial/store/backfill";
import type { Database } from "@axial/store/database";
import { type PlannableImages, readPlannable } from "@axial/store/planning";
import { inGroups } from "../plan/in-groups.ts";

/** Beyond these a sample has no more studies. */
export interface SampleLimits {
  readonly studies: number;
  /** Of all studies together. */
  readonly instances: number;
  /** Until the last is read: on a busy server a sample is smaller. */
  readonly milliseconds: number;
}

/** The images of a study of the sample, and the bytes of their files. */
type SampledStudy = PlannableImages & { readonly id: StudyId; readonly bytes: number };

/** Of one statement. */
const GROUP = { studies: 16, instances: 2_000 };

/** Studies of a selection, spread over it, as far as `limits` allow. */
export async function* sampleStudies(
  db: Database,
  selection: Selected,
  limits: SampleLimits,
): AsyncGenerator<SampledStudy> {
  const ends = performance.now() + limits.milliseconds;
  let room = limits.instances;
  const found = await sampleSelection(db, selection, limits.studies);
  const fitting = found.filter(({ instances }) => {
    const fits = instances <= room;
    if (fits) room -= instances;
    return fits;
  });
  for (const group of inGroups(fitting, GROUP)) {
    if (performance.now() > ends) return;
    const ids = group.map(({ id }) => id);
    for (const [id, images] of await readPlannable(db, ids)) yield { ...images, id };
  }
}
