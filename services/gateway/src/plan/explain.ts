import type { InstanceFacts, ModelPackage, PlanRefusalCode, RefusalFacts } from "@axial/contracts";
import { chooseSlices } from "@axial/imaging";
import { seriesFacts } from "./series-facts.ts";
import { seriesSlices } from "./series-slices.ts";
import { checkSuitability } from "./suitability.ts";

/** What the planner would do with one series and one model. */
export interface Explanation {
  readonly seriesUid: string;
  readonly model: string;
  readonly decision: "task" | PlanRefusalCode;
  readonly facts: RefusalFacts;
  /** SOP Instance UID and frame of each slice that the model would see. */
  readonly slices: readonly { readonly sopInstanceUid: string; readonly frame: number }[];
}

/** The planner's decisions over instances that were not sent: same rules, nothing stored. */
export function explain(
  instances: readonly InstanceFacts[],
  models: readonly ModelPackage[],
): Explanation[] {
  const series = Map.groupBy(instances, (facts) => facts.seriesUid);
  return [...series].flatMap(([seriesUid, facts]) =>
    models.map((model) => explainOne({ seriesUid, facts }, model)),
  );
}

interface OfflineSeries {
  readonly seriesUid: string;
  readonly facts: readonly InstanceFacts[];
}

function explainOne({ seriesUid, facts }: OfflineSeries, model: ModelPackage): Explanation {
  const summary = seriesFacts(facts);
  const suitability = checkSuitability(summary, model);
  if (!suitability.suitable) {
    const { code, facts: led } = suitability;
    return { seriesUid, model: model.id, decision: code, facts: led, slices: [] };
  }
  const sources = facts.map((each) => ({ blob: NO_BLOB, kind: "dicom" as const, facts: each }));
  const slices = chooseSlices(seriesSlices(sources), model.slices);
  return {
    seriesUid,
    model: model.id,
    decision: "task",
    facts: {
      modality: summary.modality,
      bodyPart: summary.bodyPart,
      plane: summary.plane?.name ?? null,
      slices: summary.frames,
    },
    slices: slices.map(({ sopInstanceUid, frame }) => ({ sopInstanceUid, frame })),
  };
}

/** Nothing is stored when only explaining. */
const NO_BLOB = "" as Parameters<typeof seriesSlices>[0][number]["blob"];
