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
  for (let y = 0; y < SIZE; y += 1) transformLine(block, rows, { from: y * SIZE, step: 1 });
  for (let x = 0; x < SIZE; x += 1) transformLine(rows, block, { from: x, step: SIZE });
}

interface Line {
  readonly from: number;
  readonly step: number;
}

/** Even and odd basis functions apart: the second half of the line mirrors the first. */
function transformLine(source: Float64Array, target: Float64Array, { from, step }: Line): void {
  const at = (u: number) => source[from + u * step] as number;
  const [s1, s3, s5, s7] = [at(1), at(3), at(5), at(7)];
  const sum = (at(0) + at(4)) * C4;
  const difference = (at(0) - at(4)) * C4;
  const low = at(2) * C2 + at(6) * C6;
  const high = at(2) * C6 - at(6) * C2;
  const put = (x: number, even: number, odd: number) => {
    target[from + x * step] = even + odd;
    target[from + (SIZE - 1 - x) * step] = even - odd;
  };
  put(0, sum + low, s1 * C1 + s3 * C3 + s5 * C5 + s7 * C7);
  put(1, difference + high, s1 * C3 - s3 * C7 - s5 * C1 - s7 * C5);
  put(2, difference - high, s1 * C5 - s3 * C1 + s5 * C7 + s7 * C3);
  put(3, sum - low, s1 * C7 - s3 * C5 + s5 * C3 - s7 * C1);
}
