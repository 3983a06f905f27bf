const SIZE = 8;

/** Coefficients as they are sent to their place in the block, row by row. */
export const ZIGZAG = zigzag();

function zigzag(): Uint8Array {
  const order = new Uint8Array(SIZE * SIZE);
  let index = 0;
  for (let diagonal = 0; diagonal < 2 * SIZE - 1; diagonal += 1) {
    for (let step = 0; step <= diagonal; step += 1) {
      const [row, column] = diagonal % 2 === 0 ? [diagonal - step, step] : [step, diagonal - step];
      if (row < SIZE && column < SIZE) {
        order[index] = row * SIZE + column;
        index += 1;
      }
    }
  }
  return order;
}

/** Half of the cosine of k·π/16: the basis of ISO 10918-1 A.3.3. */
const half = (k: number) => Math.cos((k * Math.PI) / 16) / 2;
const [C1, C2, C3, C4, C5, C6, C7] = [1, 2, 3, 4, 5, 6, 7].map(half) as [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];

const rows = new Float64Array(SIZE * SIZE);

/** In place, in double precision: rows, then columns. */
export function inverseDct(block: Float64Array): void {
  for (let y = 0; y < SIZE; y += 1) transform(block, rows, y * SIZE, 1);
  for (let x = 0; x < SIZE; x += 1) transform(rows, block, x, SIZE);
}

/**
 * A line of eight values, `step` apart. Even and odd basis functions apart: the second half of the
 * line mirrors the first. Written out, as a call for each value costs more than its arithmetic. Most
 * lines have few coefficients, or none.
 */
function transform(from: Float64Array, to: Float64Array, at: number, step: number): void {
  const s0 = from[at] as number;
  const s1 = from[at + step] as number;
  const s2 = from[at + 2 * step] as number;
  const s3 = from[at + 3 * step] as number;
  const s4 = from[at + 4 * step] as number;
  const s5 = from[at + 5 * step] as number;
  const s6 = from[at + 6 * step] as number;
  const s7 = from[at + 7 * step] as number;
  if (s1 === 0 && s2 === 0 && s3 === 0 && s4 === 0 && s5 === 0 && s6 === 0 && s7 === 0) {
    const value = s0 * C4;
    for (let k = 0; k < SIZE; k += 1) to[at + k * step] = value;
    return;
  }
  const sum = (s0 + s4) * C4;
  const difference = (s0 - s4) * C4;
  const low = s2 * C2 + s6 * C6;
  const high = s2 * C6 - s6 * C2;
  const e0 = sum + low;
  const e1 = difference + high;
  const e2 = difference - high;
  const e3 = sum - low;
  const o0 = s1 * C1 + s3 * C3 + s5 * C5 + s7 * C7;
  const o1 = s1 * C3 - s3 * C7 - s5 * C1 - s7 * C5;
  const o2 = s1 * C5 - s3 * C1 + s5 * C7 + s7 * C3;
  const o3 = s1 * C7 - s3 * C5 + s5 * C3 - s7 * C1;
  to[at] = e0 + o0;
  to[at + step] = e1 + o1;
  to[at + 2 * step] = e2 + o2;
  to[at + 3 * step] = e3 + o3;
  to[at + 4 * step] = e3 - o3;
  to[at + 5 * step] = e2 - o2;
  to[at + 6 * step] = e1 - o1;
  to[at + 7 * step] = e0 - o0;
}
