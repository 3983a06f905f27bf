import { createHmac } from "node:crypto";
import type { BackfillResult } from "@axial/contracts";

/**
 * Replaces what names a person or a study: UIDs and numbers by keyed digests, the same for the same
 * secret, so that exports can be joined; dates by their year. The site is left out: with the scanner
 * it names a hospital, and often a small one.
 */
export function pseudonymised(row: BackfillResult, secret: string): BackfillResult {
  const digest = (value: string | null) =>
    value === null ? null : createHmac("sha256", secret).update(value).digest("hex").slice(0, 32);
  return {
    ...row,
    study: digest(row.study) ?? "",
    series: digest(row.series),
    patientId: digest(row.patientId),
    accession: digest(row.accession),
    site: null,
    studyDate: row.studyDate?.slice(0, 4) ?? null,
  };
}
