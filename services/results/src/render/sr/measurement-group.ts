import { domainStatement, EVIDENCE_STATEMENT, OWN_MANUFACTURER, stableUid } from "@axial/contracts";
import { OWN_SCHEME } from "../report/codes.ts";
import type { Evaluation, Finding } from "../report/report.ts";
import { code, container, dcm, image, number, text, uidReference } from "./content-items.ts";
import type { Attributes } from "./write-dicom.ts";

/** TID 1501: what one model says of one series, with how it came to it. */
export function measurementGroup(finding: Finding): Attributes {
  const { model, domain } = finding.result;
  const unknown = domainStatement(domain);
  return container(dcm("125007", "Measurement Group"), [
    text("HAS OBS CONTEXT", dcm("112039", "Tracking Identifier"), `${model.id} ${finding.id}`),
    uidReference(
      "HAS OBS CONTEXT",
      dcm("112040", "Tracking Unique Identifier"),
      stableUid("finding", finding.id),
    ),
    ...algorithm(finding),
    ...finding.evaluations.flatMap((evaluation) => evaluate(evaluation, finding)),
    text("CONTAINS", dcm("121106", "Comment"), EVIDENCE_STATEMENT[model.evidence]),
    ...(unknown === null ? [] : [text("CONTAINS", dcm("121106", "Comment"), unknown)]),
  ]);
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
function evaluate(evaluation: Evaluation, finding: Finding): Attributes[] {
  const { concept, value, probabilities, distribution } = evaluation;
  const source = dcm("121112", "Source of Measurement");
  const images = finding.images.map((one) => image("INFERRED FROM", source, one));
  return [
    code("CONTAINS", concept, value),
    ...probabilities.map(({ label, code: meant, probability }) =>
      number(
        {
          scheme: OWN_SCHEME,
          value: `${concept.value}.${label}`,
          meaning: `Probability of ${meant.meaning}`,
        },
        probability,
        label === distribution.label ? images : [],
      ),
    ),
  ];
}
