import { EVIDENCE_STATEMENT, EvidenceSchema, TaskArmSchema } from "@axial/contracts";
import type { ResultRow } from "@axial/store/views";
import { type Static, Type } from "typebox";

export const ResultItemSchema = Type.Object({
  id: Type.String(),
  study: Type.String(),
  series: Type.String(),
  model: Type.String(),
  version: Type.String(),
  sha256: Type.String(),
  evidence: EvidenceSchema,
  statement: Type.String(),
  label: Type.String(),
  display: Type.String(),
  probability: Type.Number(),
  provider: Type.String(),
  run: Type.Integer(),
  current: Type.Boolean(),
  createdAt: Type.String({ format: "date-time" }),
  inDomain: Type.Union([Type.Boolean(), Type.Null()], {
    description: "null: the model does not assess the domain",
  }),
  domainDistance: Type.Union([Type.Number(), Type.Null()]),
  arm: Type.Union([TaskArmSchema, Type.Null()], {
    description:
      "why it has this version: of a canary, or a shadow of the one that answers; null otherwise",
  }),
});
export type ResultItem = Static<typeof ResultItemSchema>;

/** A found prediction as callers see it. */
export function resultItem(row: ResultRow): ResultItem {
  return {
    id: row.id,
    study: row.study_uid,
    series: row.series_uid,
    model: row.model_id,
    version: row.model_version,
    sha256: row.model_sha256,
    evidence: row.evidence,
    statement: EVIDENCE_STATEMENT[row.evidence],
    label: row.label,
    display: row.display,
    probability: row.probability,
    provider: row.provider,
    run: row.run,
    current: row.current,
    createdAt: row.created_at.toISOString(),
    inDomain: row.domain?.inDomain ?? null,
    domainDistance: row.domain?.distance ?? null,
    arm: row.arm,
  };
}
