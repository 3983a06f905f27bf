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
  for (let y = 0; y < SIZE; y += 1) transformRow(block, y * SIZE);
  for (let x = 0; x < SIZE; x += 1) transformColumn(block, x);
}

/**
 * Even and odd basis functions apart: the second half of the line mirrors the first. Written out, as
 * a call for each value costs more than its arithmetic. Most rows have few coefficients, or none.
 */
function transformRow(block: Float64Array, at: number): void {
  const s0 = block[at] as number;
  const s1 = block[at + 1] as number;
  const s2 = block[at + 2] as number;
  const s3 = block[at + 3] as number;
  const s4 = block[at + 4] as number;
  const s5 = block[at + 5] as number;
  const s6 = block[at + 6] as number;
  const s7 = block[at + 7] as number;
  if (s1 === 0 && s2 === 0 && s3 === 0 && s4 === 0 && s5 === 0 && s6 === 0 && s7 === 0) {
    rows.fill(s0 * C4, at, at + SIZE);
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
  rows[at] = e0 + o0;
  rows[at + 1] = e1 + o1;
  rows[at + 2] = e2 + o2;
  rows[at + 3] = e3 + o3;
  rows[at + 4] = e3 - o3;
  rows[at + 5] = e2 - o2;
  rows[at + 6] = e1 - o1;
  rows[at + 7] = e0 - o0;
}

function transformColumn(block: Float64Array, at: number): void {
  const s0 = rows[at] as number;
  const s1 = rows[at + 8] as number;
  const s2 = rows[at + 16] as number;
  const s3 = rows[at + 24] as number;
  const s4 = rows[at + 32] as number;
  const s5 = rows[at + 40] as number;
  const s6 = rows[at + 48] as number;
  const s7 = rows[at + 56] as number;
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
  block[at] = e0 + o0;
  block[at + 8] = e1 + o1;
  block[at + 16] = e2 + o2;
  block[at + 24] = e3 + o3;
  block[at + 32] = e3 - o3;
  block[at + 40] = e2 - o2;
  block[at + 48] = e1 - o1;
  block[at + 56] = e0 - o0;
}
