import type { ModelInput } from "@axial/contracts";
import { mulberry32 } from "../../mulberry32.ts";

/** An image of bytes in the order of the model's input. */
export interface Pattern {
  readonly name: string;
  readonly bytes: Uint8Array;
}

type Shape = Pick<ModelInput, "channels" | "height" | "width" | "layout">;
/** Level of a pixel; `x` and `y` from −1 to 1. */
type Level = (at: { x: number; y: number; channel: number }) => number;

/** Generated images, no image of a person: what golden cases and comparisons are run on. */
export function patterns(shape: Shape): Pattern[] {
  const noise = mulberry32(7);
  return [
    { name: "ellipses", bytes: draw(shape, ellipses) },
    { name: "gradient", bytes: draw(shape, ({ x, y, channel }) => 64 * (x + y + 2 - channel / 4)) },
    { name: "noise", bytes: draw(shape, () => noise() * 256) },
  ];
}

/** `count` images that look like nothing: smooth waves of random length with noise on them. */
export function randomPatterns(shape: Shape, count: number): Pattern[] {
  return Array.from({ length: count }, (_, index) => {
    const random = mulberry32(index + 1);
    const [across, down, turn, grain] = [random() * 20, random() * 20, random() * 6, random() * 90];
    const wave: Level = ({ x, y, channel }) =>
      127 + 100 * Math.sin(across * x + down * y + turn * (channel + 1)) + grain * (random() - 0.5);
    return { name: `random ${index + 1}`, bytes: draw(shape, wave) };
  });
}

/** A ring like a skull, what is in it, and a bright spot to one side. */
const ellipses: Level = ({ x, y }) => {
  if (((x - 0.25) / 0.16) ** 2 + ((y + 0.2) / 0.2) ** 2 < 1) return 240;
  if ((x / 0.72) ** 2 + (y / 0.87) ** 2 < 1) return 90;
  return (x / 0.8) ** 2 + (y / 0.95) ** 2 < 1 ? 200 : 0;
};

function draw({ channels, height, width, layout }: Shape, level: Level): Uint8Array {
  const bytes = new Uint8Array(channels * height * width);
  const step = layout === "NCHW" ? 1 : channels;
  const plane = layout === "NCHW" ? height * width : 1;
  for (let channel = 0; channel < channels; channel += 1) {
    for (let pixel = 0; pixel < height * width; pixel += 1) {
      const x = ((pixel % width) / (width - 1)) * 2 - 1;
      const y = (Math.floor(pixel / width) / (height - 1)) * 2 - 1;
      const value = Math.floor(level({ x, y, channel }));
      bytes[channel * plane + pixel * step] = Math.min(255, Math.max(0, value));
    }
  }
  return bytes;
}
