import type { Preprocessing } from "@axial/contracts";
import type { Frame } from "@axial/dicom";
import { greyLevels } from "./grey-levels.ts";
import { scratchBytes } from "./scratch.ts";

/** The weights of ITU-R BT.601 in 16 bits, rounded as Pillow rounds them. */
const RED = 19_595;
const GREEN = 38_470;
const BLUE = 7_471;

/**
 * The planes of 8-bit levels that the model asks for: one of grey, or red, green and blue. Scratch
 * memory, as `greyLevels`.
 */
export function levelPlanes(frame: Frame, preprocessing: Preprocessing): Uint8Array[] {
  if (frame.samples === 1) return [greyLevels(frame, preprocessing)];
  if (preprocessing.channels === "grey") return [greyLevels(toGrey(frame), preprocessing)];
  const levels = greyLevels({ ...frame, samples: 1 }, preprocessing);
  return [0, 1, 2].map((sample) => plane(levels, sample));
}

function toGrey(frame: Frame): Frame {
  const { data, rows, columns } = frame;
  const out = scratchBytes("luma", rows * columns);
  for (let i = 0, at = 0; i < out.length; i += 1, at += 3) {
    const red = data[at] as number;
    const green = data[at + 1] as number;
    const blue = data[at + 2] as number;
    out[i] = (red * RED + green * GREEN + blue * BLUE + 0x8000) >> 16;
  }
  return { ...frame, samples: 1, data: out, photometric: "MONOCHROME2" };
}

function plane(interleaved: Uint8Array, sample: number): Uint8Array {
  const out = scratchBytes(`plane ${sample}`, interleaved.length / 3);
  for (let i = 0, at = sample; i < out.length; i += 1, at += 3) out[i] = interleaved[at] as number;
  return out;
}
