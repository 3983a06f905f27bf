import { type DataSetElements, patternElements } from "@axial/testkit";

export const SIDE = 512;
export const BITS = 12;

/** A slice like a scanner's: black air, a body of smooth tissues, and noise everywhere. */
export function sliceFrame(): Uint16Array {
  let state = 1;
  const noise = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 24) / 255 - 0.5;
  };
  return Uint16Array.from({ length: SIDE * SIDE }, (_, i) => {
    const x = (i % SIDE) / SIDE - 0.5;
    const y = Math.floor(i / SIDE) / SIDE - 0.5;
    const inside = (x / 0.36) ** 2 + (y / 0.44) ** 2 < 1;
    const tissue =
      900 + 350 * Math.sin(x * 25) * Math.cos(y * 18) + (x * x + y * y < 0.01 ? 900 : 0);
    return Math.max(0, Math.round(inside ? tissue + 60 * noise() : 12 + 12 * noise()));
  });
}

/** Everything but the pixel data of `frames` such slices, 16 bits allocated. */
export function frameElements(frames: number): DataSetElements {
  return {
    ...patternElements({ bits: BITS, samples: 1, photometric: "MONOCHROME2" }),
    SOPClassUID: "1.2.840.10008.5.1.4.1.1.7.3",
    Rows: SIDE,
    Columns: SIDE,
    NumberOfFrames: frames,
    WindowCenter: 1_000,
    WindowWidth: 2_000,
  };
}
