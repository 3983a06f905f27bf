import { randomBytes } from "node:crypto";
import { open } from "node:fs/promises";
import { newUid } from "@axial/contracts";
import { writePart10 } from "@axial/testkit";

const SIDE = 512;
const FRAME_BYTES = SIDE * SIDE * 2;
/** Multi-frame Grayscale Word Secondary Capture Image Storage. */
const SOP_CLASS = "1.2.840.10008.5.1.4.1.1.7.3";
const PATCHED_BYTES = 4;

/** Writes one multi-frame object of 512 × 512 frames of noise; resolves with the file's bytes. */
export async function writeLargeObject(file: string, frames: number): Promise<number> {
  const pixels = Buffer.alloc(PATCHED_BYTES);
  const small = writePart10({
    elements: {
      ...{ SOPClassUID: SOP_CLASS, SOPInstanceUID: newUid(), StudyInstanceUID: newUid() },
      // storescu writes over these.
      ...{ PatientName: "BENCH", PatientID: "BENCH", StudyID: "1", SeriesNumber: "1" },
      ...{
        SeriesInstanceUID: newUid(),
        InstanceNumber: "1",
        Modality: "OT",
        NumberOfFrames: String(frames),
      },
      ...{
        SamplesPerPixel: 1,
        PhotometricInterpretation: "MONOCHROME2",
        Rows: SIDE,
        Columns: SIDE,
      },
      ...{ BitsAllocated: 16, BitsStored: 16, HighBit: 15, PixelRepresentation: 0 },
      PixelData: pixels,
    },
  });
  // The length of the last element is that of all frames.
  const header = Buffer.from(small.subarray(0, small.length - pixels.length));
  header.writeUInt32LE(frames * FRAME_BYTES, header.length - 4);
  const frame = randomBytes(FRAME_BYTES);
  const handle = await open(file, "w");
  try {
    await handle.write(header);
    for (let number = 0; number < frames; number += 1) {
      frame.writeUInt32LE(number);
      await handle.write(frame);
    }
  } finally {
    await handle.close();
  }
  return header.length + frames * FRAME_BYTES;
}
