import { constants, deflateRawSync } from "node:zlib";
import { newUid } from "@axial/contracts";
import { writePart10 } from "@axial/testkit";

const DEFLATED = "1.2.840.10008.1.2.1.99";
/** What one instance inflates to, 250 MB: below the limit of 256 MiB. */
const ROWS = 2_500;
const COLUMNS = 5_000;
const FRAMES = 10;
const PIXEL_BYTES = ROWS * COLUMNS * FRAMES * 2;
/** Items of eight bytes in one sequence: below the limit of 500,000 elements. */
const ITEMS = 490_000;

/** Where an instance is, as WADO-RS names it. */
export interface HostileFile {
  readonly path: string;
  readonly bytes: Buffer;
}

function identified() {
  const [studyUid, seriesUid, sopInstanceUid] = [newUid(), newUid(), newUid()];
  return {
    path: `studies/${studyUid}/series/${seriesUid}/instances/${sopInstanceUid}`,
    elements: {
      SOPClassUID: "1.2.840.10008.5.1.4.1.1.7",
      SOPInstanceUID: sopInstanceUid,
      StudyInstanceUID: studyUid,
      SeriesInstanceUID: seriesUid,
      Modality: "OT",
    },
  };
}

/** Makes deflated instances of some 250 KB whose pixels inflate to 250 MB. */
export function deflatedBombs(): () => HostileFile {
  const zeros = deflateRawSync(Buffer.alloc(PIXEL_BYTES));
  return () => {
    const { path, elements } = identified();
    const size = { Rows: ROWS, Columns: COLUMNS, NumberOfFrames: FRAMES, BitsAllocated: 16 };
    const form = { SamplesPerPixel: 1, PhotometricInterpretation: "MONOCHROME2" };
    const bits = { BitsStored: 16, HighBit: 15, PixelRepresentation: 0 };
    const file = writePart10({
      elements: { ...elements, ...size, ...form, ...bits, PixelData: new Uint16Array() },
    });
    const header = Buffer.from(file.subarray(dataSetStart(file)));
    header.writeUInt32LE(PIXEL_BYTES, header.length - 4);
    const deflated = writePart10({ elements, transferSyntax: DEFLATED });
    const meta = deflated.subarray(0, dataSetStart(deflated));
    const start = deflateRawSync(header, { finishFlush: constants.Z_FULL_FLUSH });
    return { path, bytes: Buffer.concat([meta, start, zeros]) };
  };
}

/** Behind the preamble and the group that FileMetaInformationGroupLength (0002,0000) measures. */
function dataSetStart(file: Buffer): number {
  return 144 + file.readUInt32LE(140);
}

/** An instance of 4 MB that is one sequence of empty items. */
export function elementBomb(): HostileFile {
  const { path, elements } = identified();
  // An image's header without pixels: without rows and columns it would count as cut and be refused.
  const file = writePart10({ elements: { ...elements, Rows: 1, Columns: 1 } });
  const sequence = Buffer.alloc(12 + ITEMS * 8);
  sequence.writeUInt16LE(0x0040, 0);
  sequence.writeUInt16LE(0x0275, 2);
  sequence.write("SQ", 4, "latin1");
  sequence.writeUInt32LE(ITEMS * 8, 8);
  for (let at = 12; at < sequence.length; at += 8) sequence.writeUInt32LE(0xe000_fffe, at);
  return { path, bytes: Buffer.concat([file, sequence]) };
}
