import type { PlanRefusalCode } from "@axial/contracts";
import { planStudies, type UnplannedStudy } from "@axial/store/planning";
import type { Dependencies } from "../dependencies.ts";

const code: PlanRefusalCode = "planning-failed";

/** Answers for a study that cannot be planned with a run that refuses it. `rerun` tries again. */
export async function refuseUnplannable(
  { db, metrics }: Pick<Dependencies, "db" | "metrics">,
  study: UnplannedStudy,
): Promise<void> {
  const refusals = [{ series: null, model: null, code, facts: {} }];
  const refused = await planStudies(db, [study], async () => [{ tasks: [], refusals }]);
  if (refused.length > 0) metrics.refusalsTotal.inc({ code });
}
