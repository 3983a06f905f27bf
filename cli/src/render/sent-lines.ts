import type { SentPaths } from "../client/send-paths.ts";

/** What became of the files that were sent, for a person to read. */
export function sentLines({ studies, stored, rejected, leftOut }: SentPaths): string[] {
  return [
    `${stored} instances of ${studies.length} studies stored, ` +
      `${rejected.length} refused, ${leftOut} files were not DICOM`,
    ...studies.map((uid) => `  ${uid}`),
    ...rejected.map(
      ({ sopInstanceUid, failureReason }) =>
        `  refused ${sopInstanceUid || "(no UID)"}: FailureReason ${failureReason}`,
    ),
  ];
}
