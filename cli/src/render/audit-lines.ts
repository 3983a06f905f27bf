import { table } from "../output.ts";

/** An entry of `GET /api/v1/audit`, as far as the list shows it. */
export interface AuditEntry {
  readonly id: string;
  readonly at: string;
  readonly key: { readonly id: string; readonly name: string | null } | null;
  readonly address: string | null;
  readonly action: string;
  readonly outcome: string;
  readonly target: string | null;
  readonly study: string | null;
}

/** Entries as a table, one a row. */
export function auditLines(entries: readonly AuditEntry[]): string {
  return table(
    entries.map(({ at, key, address, action, outcome, target, study }) => ({
      at,
      key: key?.name ?? key?.id ?? "",
      address: address ?? "",
      action,
      outcome,
      about: study ?? target ?? "",
    })),
  );
}
