import type { PixelOrientation, Turn } from "@axial/contracts";
import { type Directions, planeOf, type Vector } from "@axial/dicom";

/** Where rows and columns of a radiological image run to (LPS: left, posterior, superior). */
const HANGING = {
  axial: { row: [1, 0, 0], column: [0, 1, 0] },
  coronal: { row: [1, 0, 0], column: [0, 0, -1] },
  sagittal: { row: [0, 1, 0], column: [0, 0, -1] },
} as const satisfies Record<string, Directions>;

/**
 * How a stored slice is to be turned for `orientation`: by the multiple of 90° and the mirroring
 * that bring it nearest. Null where it lies so already, or where its directions are not known.
 */
export function turnFor(
  directions: Directions | null,
  orientation: PixelOrientation = "as-stored",
): Turn | null {
  if (directions === null || orientation === "as-stored") return null;
  const plane = planeOf([...directions.row, ...directions.column]);
  if (plane === null) return null;
  const wanted = HANGING[plane.name];
  const [rr, cc] = [dot(directions.row, wanted.row), dot(directions.column, wanted.column)];
  const [rc, cr] = [dot(directions.row, wanted.column), dot(directions.column, wanted.row)];
  const exchanged = Math.abs(rc) + Math.abs(cr) > Math.abs(rr) + Math.abs(cc);
  return exchanged ? exchangedTurn(rc < 0, cr < 0) : plainTurn(rr < 0, cc < 0);
}

function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/** Rows stay rows: `across` when they run the wrong way, `down` when the columns do. */
function plainTurn(across: boolean, down: boolean): Turn | null {
  if (!across && !down) return null;
  return { rotation: down ? 180 : 0, flipped: across !== down };
}

/** Rows become columns: `down` when the stored rows run the wrong way, `across` when the columns do. */
function exchangedTurn(down: boolean, across: boolean): Turn {
  return { rotation: down ? 270 : 90, flipped: across === down };
}

/**
 * Where a turned image has its pixels from: pixel (x, y) of it is stored at the exchanged or plain
 * place, counted from the other end where `x` or `y` says so.
 */
export interface TurnedAxes {
  /** Columns of the turned image are rows of the stored one. */
  readonly exchanged: boolean;
  /** Stored columns and rows are counted from their end. */
  readonly fromRight: boolean;
  readonly fromBottom: boolean;
}

export function axesOf(turn: Turn | null): TurnedAxes {
  if (turn === null) return { exchanged: false, fromRight: false, fromBottom: false };
  const { rotation, flipped } = turn;
  const exchanged = rotation === 90 || rotation === 270;
  if (exchanged) {
    return { exchanged, fromRight: rotation === 270, fromBottom: (rotation === 90) !== flipped };
  }
  return { exchanged, fromRight: (rotation === 180) !== flipped, fromBottom: rotation === 180 };
}

interface Extent {
  readonly rows: number;
  readonly columns: number;
  readonly pixelAspect: number;
}

/** Rows, columns and pixel shape of the turned image. */
export function turnedExtent({ rows, columns, pixelAspect }: Extent, turn: Turn | null): Extent {
  if (!axesOf(turn).exchanged) return { rows, columns, pixelAspect };
  return { rows: columns, columns: rows, pixelAspect: 1 / pixelAspect };
}

/** Writes the levels of a stored image (rows × columns) into `out` as the turned image has them. */
export function writeTurned(
  levels: Uint8Array,
  { rows, columns }: Pick<Extent, "rows" | "columns">,
  { turn, out }: { readonly turn: Turn | null; readonly out: Uint8Array },
): void {
  const axes = axesOf(turn);
  if (turn === null) out.set(levels);
  else if (axes.exchanged) writeExchanged(levels, { rows, columns, axes, out });
  else writeMirrored(levels, { rows, columns, axes, out });
}

interface Writing {
  readonly rows: number;
  readonly columns: number;
  readonly axes: TurnedAxes;
  readonly out: Uint8Array;
}

function writeMirrored(levels: Uint8Array, { rows, columns, axes, out }: Writing): void {
  for (let row = 0; row < rows; row += 1) {
    const from = (axes.fromBottom ? rows - 1 - row : row) * columns;
    const line = out.subarray(row * columns, (row + 1) * columns);
    line.set(levels.subarray(from, from + columns));
    if (axes.fromRight) line.reverse();
  }
}

/** Squares that fit into the cache: rows are read and columns written, or the other way round. */
const BLOCK = 32;

function writeExchanged(levels: Uint8Array, { rows, columns, axes, out }: Writing): void {
  for (let top = 0; top < rows; top += BLOCK) {
    for (let left = 0; left < columns; left += BLOCK) {
      const [bottom, right] = [Math.min(top + BLOCK, rows), Math.min(left + BLOCK, columns)];
      for (let row = top; row < bottom; row += 1) {
        const x = axes.fromBottom ? rows - 1 - row : row;
        for (let column = left; column < right; column += 1) {
          const y = axes.fromRight ? columns - 1 - column : column;
          out[y * rows + x] = levels[row * columns + column] as number;
        }
      }
    }
  }
}
