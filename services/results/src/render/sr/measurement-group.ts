import { OWN_MANUFACTURER, stableUid } from "@axial/contracts";
import type { Attributes } from "@axial/dicom";
import { OWN_SCHEME, probabilityConcept } from "../report/codes.ts";
import { LATERALITY, sideOf } from "../report/laterality.ts";
import { NOT_ANALYSED, notAnalysedStatement } from "../report/not-analysed.ts";
import type { Evaluation, Finding, ImageRef, Unanalysed } from "../report/report.ts";
import { statementsOf } from "../report/statements.ts";
import {
  code,
  container,
  dcm,
  image,
  number,
  type Relationship,
  text,
  uidReference,
} from "./content-items.ts";
import { heatmapRefs } from "./heatmap-references.ts";

const MEASUREMENT_GROUP = dcm("125007", "Measurement Group");
const TID_1501 = "1501";

/** TID 1501: what one model says of one series, with how it came to it. */
export function measurementGroup(finding: Finding): Attributes {
  const { model, laterality } = finding.result;
  const side = sideOf(laterality);
  const content = [
    ...tracking(`${model.id} ${finding.id}`, stableUid("finding", finding.id)),
    ...algorithm(finding),
    ...sources("CONTAINS", finding.images),
    ...(side === null ? [] : [code("CONTAINS", LATERALITY, side)]),
    ...finding.evaluations.flatMap((evaluation) => evaluate(evaluation, finding)),
    ...heatmapRefs(finding).map((one) =>
      image("CONTAINS", dcm("130401", "Visual Explanation"), one),
    ),
    ...statementsOf(finding.result).map(comment),
  ];
  return container(MEASUREMENT_GROUP, content, TID_1501);
}

/** TID 1501 without a measurement: a series that was not analysed, and why. */
export function notAnalysedGroup(unanalysed: Unanalysed): Attributes {
  const { id, model, code: reason, title, images } = unanalysed;
  const content = [
    ...tracking(`${model ?? "any model"} ${id}`, stableUid("not analysed", id)),
    ...sources("CONTAINS", images),
    code("CONTAINS", NOT_ANALYSED.status, NOT_ANALYSED.value),
    code("CONTAINS", NOT_ANALYSED.reason, { scheme: OWN_SCHEME, value: reason, meaning: title }),
    comment(notAnalysedStatement(unanalysed)),
  ];
  return container(MEASUREMENT_GROUP, content, TID_1501);
}

function tracking(identifier: string, uid: string): Attributes[] {
  return [
    text("HAS OBS CONTEXT", dcm("112039", "Tracking Identifier"), identifier),
    uidReference("HAS OBS CONTEXT", dcm("112040", "Tracking Unique Identifier"), uid),
  ];
}

function comment(words: string): Attributes {
  return text("CONTAINS", dcm("121106", "Comment"), words);
}

function sources(relation: Relationship, images: readonly ImageRef[]): Attributes[] {
  return images.map((one) => image(relation, dcm("121112", "Source of Measurement"), one));
}

/** TID 4019. */
function algorithm({ result, title }: Finding): Attributes[] {
  const { model } = result;
  const parameters = [
    `id ${model.id}`,
    `evidence ${model.evidence}`,
    `weights SHA-256 ${model.sha256}`,
    `preprocessing SHA-256 ${result.preprocessingHash}`,
    `input SHA-256 ${result.inputHash}`,
    `execution provider ${result.provider}`,
  ];
  return [
    text("HAS CONCEPT MOD", dcm("111001", "Algorithm Name"), title),
    text("HAS CONCEPT MOD", dcm("111003", "Algorithm Version"), model.version),
    ...parameters.map((parameter) =>
      text("HAS CONCEPT MOD", dcm("111002", "Algorithm Parameters"), parameter),
    ),
    text("HAS CONCEPT MOD", dcm("122405", "Algorithm Manufacturer"), OWN_MANUFACTURER),
  ];
}

/** The label as a qualitative evaluation, and the probability of every label as a measurement. */
function evaluate({ concept, value, probabilities }: Evaluation, finding: Finding): Attributes[] {
  return [
    code("CONTAINS", concept, value),
    ...probabilities.map((probability) =>
      number(
        probabilityConcept(concept, probability),
        probability.probability,
        sources("INFERRED FROM", finding.images),
      ),
    ),
  ];
}
