import { deflateRawSync } from "node:zlib";
import { AxialError } from "@axial/contracts";
import { readInstance } from "@axial/dicom";
import { phantomSeries, writePart10 } from "@axial/testkit";
import { data, log } from "dcmjs";
import dicomParser from "dicom-parser";
import { cpuRate } from "../cpu-rate.ts";

const DEFLATED = "1.2.840.10008.1.2.1.99";
const MEBIBYTE = 2 ** 20;
/** Zeros in a deflated data set: one that we read, and one beyond our limit of 256 MiB. */
const BOMBS_MIB = [64, 300] as const;
const NESTED_SEQUENCES = 20_000;
const MAX_REASON = 80;

/** Our DICOM reader beside dicom-parser and dcmjs: speed on one header, and hostile files. */
export async function compareDicomReaders(): Promise<object> {
  log.setLevel("silent");
  log.getLogger("validation.dcmjs").setLevel("silent");
  const [file = Buffer.alloc(0)] = phantomSeries({ kind: "brain", slices: 1, size: 320 }).files;
  const copy = new Uint8Array(file).buffer;
  return {
    file: { bytes: file.length },
    headersPerSecond: {
      ours: await cpuRate(() => readInstance(file)),
      dicomParser: await cpuRate(() => dicomParser.parseDicom(file)),
      dcmjs: await cpuRate(() => data.DicomMessage.readFile(copy)),
    },
    inflated: BOMBS_MIB.map(inflate),
    nested: nest(),
  };
}

function inflate(mebibytes: number): object {
  const elements = writePart10({
    transferSyntax: DEFLATED,
    elements: { SOPClassUID: "1.2.840.10008.5.1.4.1.1.7", SOPInstanceUID: "2.25.1" },
  });
  const tail = Buffer.alloc(12);
  tail.write("\x09\x00\x10\x10OB\0\0", "latin1");
  tail.writeUInt32LE(mebibytes * MEBIBYTE, 8);
  const body = deflateRawSync(Buffer.concat([tail, Buffer.alloc(mebibytes * MEBIBYTE)]));
  const meta = elements.subarray(0, metaEnd(elements));
  const bomb = Buffer.concat([meta, body]);
  return {
    bytes: bomb.length,
    inflatesTo: mebibytes * MEBIBYTE,
    ours: outcome(ours(bomb)),
    dicomParser: outcome(theirs(bomb)),
  };
}

/** The group length (0002,0000) counts from behind itself, PS3.10 7.1. */
function metaEnd(file: Buffer): number {
  return 144 + file.readUInt32LE(140);
}

function nest(): object {
  const open = Buffer.from("08001811ffffffff" + "feff00e0ffffffff", "hex");
  const head = writePart10({
    transferSyntax: "1.2.840.10008.1.2",
    elements: { SOPClassUID: "1.2.840.10008.5.1.4.1.1.7", SOPInstanceUID: "2.25.1" },
  });
  const bytes = Buffer.concat([head, ...Array.from({ length: NESTED_SEQUENCES }, () => open)]);
  return {
    sequences: NESTED_SEQUENCES,
    bytes: bytes.length,
    ours: outcome(ours(bytes)),
    dicomParser: outcome(theirs(bytes)),
  };
}

/** What reading came to: the error in short, or what the reader keeps in memory. */
function outcome(read: () => { readonly keepsBytes: number }): object {
  try {
    return read();
  } catch (thrown) {
    return { refusal: reasonOf(thrown).slice(0, MAX_REASON) };
  }
}

/** dicom-parser throws texts, errors, and objects around either. */
function reasonOf(thrown: unknown): string {
  if (thrown instanceof AxialError) return thrown.code;
  if (typeof thrown === "object" && thrown !== null && "exception" in thrown) {
    return reasonOf(thrown.exception);
  }
  return String(thrown);
}

const ours = (bytes: Buffer) => () => ({ keepsBytes: readInstance(bytes).dataset.bytes.length });
const theirs = (bytes: Buffer) => () => ({
  keepsBytes: dicomParser.parseDicom(bytes).byteArray.length,
});
