import type { ModelInput, Preprocessing, Turn } from "@axial/contracts";
import type { Frame } from "@axial/dicom";
import { coefficientsFor } from "./coefficients.ts";
import { levelPlanes } from "./colour-levels.ts";
import { type Placement, placementOf } from "./placement.ts";
import { type Levels, resample } from "./resample.ts";
import { scratchBytes } from "./scratch.ts";
import { turnedExtent, turnFor } from "./turn.ts";

/** The parts of a model package that decide how a frame becomes its input. */
export interface InputSpecification {
  readonly preprocessing: Preprocessing;
  readonly input: ModelInput;
}

/** Bytes of one sample of the model's input. */
export function sampleBytes(input: ModelInput): number {
  const values = input.channels * input.height * input.width;
  return input.dtype === "float32" ? values * 4 : values;
}

/**
 * Writes `frame` into `out` (exactly `sampleBytes(input)` bytes) as the model wants it: modality
 * transform, intensity to 8 bits, turned to the model's orientation, resize in physical
 * proportions, layout and type. What the frame does not cover is 0. Returns how it was turned,
 * null where it was not. Throws RangeError when `out` has another length.
 */
export function prepareInput(
  frame: Frame,
  model: InputSpecification,
  out: Uint8Array,
): Turn | null {
  const { preprocessing, input } = model;
  if (out.length !== sampleBytes(input)) {
    throw new RangeError(`a sample has ${sampleBytes(input)} bytes, not ${out.length}`);
  }
  const turn = turnFor(frame.directions, preprocessing.orientation);
  const placement = placementOf(turnedExtent(frame, turn), input, preprocessing.resize.policy);
  const planes = levelPlanes(frame, preprocessing);
  const bytes = input.dtype === "uint8" ? out : scratchBytes("levels", out.length / 4);
  bytes.fill(0);
  planes.forEach((plane, index) => {
    const resized = resizePlane(frame, plane, { placement, turn });
    const shared = planes.length === 1;
    for (let channel = index; channel < (shared ? input.channels : index + 1); channel += 1) {
      place(resized, bytes, { input, placement, channel });
    }
  });
  if (input.dtype === "float32") writeFloats(bytes, input, out);
  return turn;
}

function resizePlane(
  frame: Frame,
  plane: Uint8Array,
  { placement, turn }: { readonly placement: Placement; readonly turn: Turn | null },
): Levels {
  const { rows, columns } = turnedExtent(frame, turn);
  const { horizontal, vertical } = placement;
  const across = coefficientsFor(columns, horizontal.resized, horizontal);
  const down = coefficientsFor(rows, vertical.resized, vertical);
  return resample(plane, { rows, columns, across, down, turn });
}

interface Target {
  readonly input: ModelInput;
  readonly placement: Placement;
  readonly channel: number;
}

function place(levels: Levels, out: Uint8Array, { input, placement, channel }: Target): void {
  const { horizontal, vertical } = placement;
  const packed = input.layout === "NCHW" || input.channels === 1;
  const step = packed ? 1 : input.channels;
  const origin = packed ? channel * input.width * input.height : channel;
  for (let row = 0; row < vertical.count; row += 1) {
    const from = row * levels.stride;
    const line = levels.data.subarray(from, from + horizontal.count);
    const to = origin + ((row + vertical.offset) * input.width + horizontal.offset) * step;
    if (step === 1) out.set(line, to);
    else for (let x = 0; x < line.length; x += 1) out[to + x * step] = line[x] as number;
  }
}

function writeFloats(levels: Uint8Array, { scale }: ModelInput, out: Uint8Array): void {
  const { multiply, add } = scale ?? { multiply: 1, add: 0 };
  const view = new DataView(out.buffer, out.byteOffset, out.length);
  for (let i = 0; i < levels.length; i += 1) {
    view.setFloat32(i * 4, (levels[i] as number) * multiply + add, true);
  }
}
