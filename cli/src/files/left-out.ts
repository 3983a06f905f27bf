/** Why an item was not read, by its stable code: what happened, and whether it is trouble. */
export const LEFT_OUT = {
  "not-dicom": { state: "not-dicom", text: "not DICOM" },
  empty: { state: "not-dicom", text: "empty file" },
  dicomdir: { state: "skipped", text: "DICOMDIR: the files that it lists are read by themselves" },
  "already-read": { state: "skipped", text: "a link to a folder that was read, or a loop" },
  "no-file": { state: "skipped", text: "a pipe, socket or device" },
  "nested-archive": { state: "unreadable", text: "an archive inside an archive: unpack it" },
  "unknown-archive": { state: "unreadable", text: "an archive of another kind: unpack it" },
  "broken-archive": { state: "unreadable", text: "the archive is damaged from here on" },
  "broken-entry": { state: "unreadable", text: "the entry of the archive is damaged" },
  "encrypted-entry": { state: "unreadable", text: "the entry is encrypted" },
  "broken-link": { state: "unreadable", text: "a link that leads nowhere" },
  missing: { state: "unreadable", text: "it does not exist (any more)" },
  "no-permission": { state: "unreadable", text: "no permission to read it" },
  "too-deep": { state: "unreadable", text: "folders are nested too deeply" },
  "too-large": { state: "unreadable", text: "larger than an instance may be" },
  unreachable: { state: "unreadable", text: "nothing could be fetched from the address" },
  "read-error": { state: "unreadable", text: "the disk could not read it" },
} as const satisfies Record<string, { state: LeftOutState; text: string }>;

export type LeftOutState = "not-dicom" | "skipped" | "unreadable";
export type LeftOutCode = keyof typeof LEFT_OUT;

/** The code for an error of the file system. */
export function codeOfFileError(thrown: unknown): LeftOutCode {
  const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
  if (code === "ENOENT" || code === "ENOTDIR") return "missing";
  if (code === "EACCES" || code === "EPERM") return "no-permission";
  if (code === "ELOOP") return "already-read";
  return "read-error";
}
