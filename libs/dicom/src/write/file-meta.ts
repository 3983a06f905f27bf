import { writeElement } from "./element-writer.ts";

const PREAMBLE_BYTES = 128;

/** What the file meta information of a DICOM file says (PS3.10 7.1). */
export interface FileMeta {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly transferSyntaxUid: string;
  readonly implementationClassUid: string;
  readonly implementationVersion?: string | null;
  readonly sourceAeTitle?: string | null;
}

/** Preamble, prefix and file meta information: what stands before the data set in a DICOM file. */
export function writeFileMeta(meta: FileMeta): Buffer {
  const text = (tag: number, vr: string, value: string | null | undefined) =>
    value === null || value === undefined
      ? []
      : [writeElement(tag, vr, Buffer.from(value, "latin1"))];
  const rest = Buffer.concat([
    writeElement(0x0002_0001, "OB", Buffer.of(0, 1)),
    ...text(0x0002_0002, "UI", meta.sopClassUid),
    ...text(0x0002_0003, "UI", meta.sopInstanceUid),
    ...text(0x0002_0010, "UI", meta.transferSyntaxUid),
    ...text(0x0002_0012, "UI", meta.implementationClassUid),
    ...text(0x0002_0013, "SH", meta.implementationVersion),
    ...text(0x0002_0016, "AE", meta.sourceAeTitle),
  ]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(rest.length);
  return Buffer.concat([
    Buffer.alloc(PREAMBLE_BYTES),
    Buffer.from("DICM", "latin1"),
    writeElement(0x0002_0000, "UL", length),
    rest,
  ]);
}
