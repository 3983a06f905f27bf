/**
 * One tissue of a phantom: an ellipse in image coordinates from −1 to 1 (x right, y down),
 * painted over what lies beneath.
 */
export interface Ellipse {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Degrees, clockwise. */
  readonly angle?: number;
  /** Signal, 0..1 of the phantom's range. */
  readonly signal: number;
}

interface PaintOptions {
  readonly rows: number;
  readonly columns: number;
  /** Largest stored value. */
  readonly maximum: number;
  /** Amplitude of the noise, 0..1. */
  readonly noise: number;
  readonly random: () => number;
}

/** The ellipses painted in their order, with noise: `rows × columns` stored values. */
export function paint(ellipses: readonly Ellipse[], options: PaintOptions): Uint16Array {
  const { rows, columns, maximum, noise, random } = options;
  const signal = new Float32Array(rows * columns);
  for (const ellipse of ellipses) paintOne(signal, ellipse, options);
  return Uint16Array.from(signal, (value) => {
    const noisy = value === 0 ? random() * noise * 0.3 : value + (random() - 0.5) * noise;
    return Math.round(Math.min(1, Math.max(0, noisy)) * maximum);
  });
}

function paintOne(signal: Float32Array, ellipse: Ellipse, { rows, columns }: PaintOptions): void {
  const radians = ((ellipse.angle ?? 0) * Math.PI) / 180;
  const cosine = Math.cos(radians);
  const sine = Math.sin(radians);
  for (let row = 0; row < rows; row++) {
    const dy = (2 * row) / rows - 1 - ellipse.y;
    for (let column = 0; column < columns; column++) {
      const dx = (2 * column) / columns - 1 - ellipse.x;
      const u = (dx * cosine + dy * sine) / ellipse.width;
      const v = (dy * cosine - dx * sine) / ellipse.height;
      if (u * u + v * v <= 1) signal[row * columns + column] = ellipse.signal;
    }
  }
}
