import {
  EVIDENCE_STATEMENT,
  EvidenceSchema,
  outcomeOf,
  PredictionViewSchema,
  RefusalViewSchema,
  type StudyView,
  StudyViewSchema,
  selectionProperties,
} from "@axial/contracts";
import { type Static, Type } from "typebox";
import { heatmapLinks } from "../../views/heatmap-links.ts";
import { resultParts } from "../../views/result-parts.ts";
import type { Evaluation, Report } from "./report.ts";

const CodeSchema = Type.Object({
  scheme: Type.String(),
  value: Type.String(),
  meaning: Type.String(),
});

/** `report.json`: the current run, coded, without the patient. */
export const ReportViewSchema = Type.Object(
  {
    study: Type.String(),
    run: Type.Integer(),
    status: Type.Enum(["partial", "preliminary"]),
    issuedAt: Type.String({ format: "date-time" }),
    findings: Type.Array(
      Type.Object({
        id: Type.String(),
        series: Type.String(),
        model: Type.Object({
          id: Type.String(),
          version: Type.String(),
          sha256: Type.String(),
          title: Type.String(),
          evidence: EvidenceSchema,
          statement: Type.String(),
        }),
        provider: Type.String(),
        evaluations: Type.Array(
          Type.Object({
            name: Type.String(),
            kind: Type.String(),
            label: Type.String(),
            code: CodeSchema,
            probability: Type.Number(),
            probabilities: Type.Array(
              Type.Object({
                label: Type.String(),
                code: CodeSchema,
                probability: Type.Number(),
              }),
            ),
          }),
        ),
        outcome: PredictionViewSchema.properties.outcome,
        domain: PredictionViewSchema.properties.domain,
        certainty: PredictionViewSchema.properties.certainty,
        ...selectionProperties,
        images: Type.Integer(),
        heatmaps: PredictionViewSchema.properties.heatmaps,
      }),
    ),
    refusals: Type.Array(RefusalViewSchema),
    failures: StudyViewSchema.properties.failures,
  },
  { title: "Report" },
);
type ReportView = Static<typeof ReportViewSchema>;

export function reportView(
  report: Report,
  { refusals, failures }: Pick<StudyView, "refusals" | "failures">,
): ReportView {
  return {
    study: report.studyUid,
    run: report.runNumber,
    status: report.complete ? "preliminary" : "partial",
    issuedAt: report.issuedAt.toISOString(),
    findings: report.findings.map(({ result, ...finding }) => ({
      heatmaps: heatmapLinks(report.studyUid, { id: finding.id, result }),
      id: finding.id,
      series: finding.seriesUid,
      model: {
        ...result.model,
        title: finding.title,
        statement: EVIDENCE_STATEMENT[result.model.evidence],
      },
      provider: result.provider,
      evaluations: finding.evaluations.map(evaluationView),
      outcome: outcomeOf(result),
      ...resultParts(result),
      images: result.slices.length,
    })),
    refusals,
    failures,
  };
}

function evaluationView({ distribution, value, probabilities }: Evaluation) {
  const { name, kind, label, probability } = distribution;
  return { name, kind, label, code: value, probability, probabilities: [...probabilities] };
}
