/** How a window (a kernel or a pool) moves over an image. */
export interface Window {
  readonly size: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly padding: "same" | "valid";
  readonly dilations?: readonly [number, number];
}

/** Padding and size of the result along height and width, in ONNX's terms. */
interface PlacedWindow {
  /** Begin of both axes, then end of both. */
  readonly pads: readonly number[];
  readonly output: readonly [number, number];
}

/**
 * Where TensorFlow puts the window: `valid` pads nothing; `same` yields ⌈size / stride⌉ results and
 * puts the odd pixel of padding at the end.
 */
export function placeWindow(image: readonly [number, number], window: Window): PlacedWindow {
  const [vertical, horizontal] = [placeAxis(image, window, 0), placeAxis(image, window, 1)];
  return {
    pads: [vertical.begin, horizontal.begin, vertical.end, horizontal.end],
    output: [vertical.output, horizontal.output],
  };
}

function placeAxis(image: readonly [number, number], window: Window, axis: 0 | 1) {
  const [length, stride] = [image[axis], window.strides[axis]];
  const reach = (window.size[axis] - 1) * (window.dilations?.[axis] ?? 1) + 1;
  if (window.padding === "valid") {
    return { begin: 0, end: 0, output: Math.floor((length - reach) / stride) + 1 };
  }
  const output = Math.ceil(length / stride);
  const padding = Math.max(0, (output - 1) * stride + reach - length);
  const begin = Math.floor(padding / 2);
  return { begin, end: padding - begin, output };
}
