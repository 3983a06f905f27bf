import {
  abstentionStatement,
  domainStatement,
  EVIDENCE_STATEMENT,
  exclusionStatement,
  type TaskResult,
} from "@axial/contracts";

/** The statements that must accompany a result wherever it is shown. */
export function statementsOf({ model, domain, certainty, excluded }: TaskResult): string[] {
  return [
    EVIDENCE_STATEMENT[model.evidence],
    domainStatement(domain),
    abstentionStatement(certainty),
    exclusionStatement(excluded),
  ].filter((statement) => statement !== null);
}
