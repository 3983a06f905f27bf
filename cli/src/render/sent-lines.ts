import type { SentPaths } from "../client/send-paths.ts";

/** The outcome of a transfer in sentences. */
export function sentLines({ studies, stored, rejected, leftOut }: SentPaths): string[] {
  return [
    `${counted(stored, "instance")} of ${counted(studies.length, "study", "studies")} stored, ` +
      `${rejected.length} refused, ${counted(leftOut, "file")} not DICOM`,
    ...studies.map((uid) => `  ${uid}`),
    ...rejected.map(
      ({ sopInstanceUid, failureReason }) =>
        `  refused ${sopInstanceUid || "(no UID)"}: FailureReason ${failureReason}`,
    ),
  ];
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
