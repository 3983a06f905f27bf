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

/** BASIS[x × 8 + u] = C(u)/2 · cos((2x + 1)uπ/16), ISO 10918-1 A.3.3. */
const BASIS = Float64Array.from({ length: SIZE * SIZE }, (_, i) => {
  const x = Math.floor(i / SIZE);
  const u = i % SIZE;
  const norm = u === 0 ? Math.SQRT1_2 : 1;
  return (norm / 2) * Math.cos(((2 * x + 1) * u * Math.PI) / 16);
});

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

function transformLine(source: Float64Array, target: Float64Array, { from, step }: Line): void {
  let used = 0;
  for (let u = 0; u < SIZE; u += 1) if (source[from + u * step] !== 0) used = u + 1;
  for (let x = 0; x < SIZE; x += 1) {
    let sum = 0;
    for (let u = 0; u < used; u += 1) {
      sum += (BASIS[x * SIZE + u] as number) * (source[from + u * step] as number);
    }
    target[from + x * step] = sum;
  }
}
