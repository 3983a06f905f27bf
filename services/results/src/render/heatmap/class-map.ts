import type { HeatMap, HeatMaps, Turn } from "@axial/contracts";
import { type AxisPlacement, axesOf, type Placement } from "@axial/imaging";

/** Evidence for the label at a place: 0 none (or against it), 1 the most in the series. */
export type Evidence = (x: number, y: number) => number;

interface ClassMapGeometry {
  /** How the stored slice was turned for the model. */
  readonly turn: Turn | null;
  /** Where the turned slice lies in the model's input. */
  readonly placement: Placement;
  readonly input: { readonly width: number; readonly height: number };
  /** Pixels of the picture to be drawn. */
  readonly width: number;
  readonly height: number;
}

/**
 * The class map of one slice, bilinear, in pixels of the picture, which lies as it is stored; the
 * map is turned back onto it. All slices of a series are
 * scaled by the same number, so that a faint map is a faint finding. What the model did not see
 * has no evidence.
 */
export function evidenceOf(
  { maps, width, height }: HeatMaps,
  map: HeatMap,
  geometry: ClassMapGeometry,
): Evidence {
  const most = Math.max(...maps.map(({ high }) => high));
  if (!(most > 0) || width === 0 || height === 0) return () => 0;
  const { placement, input } = geometry;
  const turned = turnedPlace(geometry);
  const across = axisTo(placement.horizontal, input.width);
  const down = axisTo(placement.vertical, input.height);
  const factor = (map.high - map.low) / 255;
  const value = (column: number, row: number) => (map.values[row * width + column] ?? 0) * factor;
  return (x, y) => {
    const place = turned(x, y);
    const [u, v] = [across(place.x), down(place.y)];
    if (u < 0 || u > 1 || v < 0 || v > 1) return 0;
    const column = between(u * width - 0.5, width);
    const row = between(v * height - 0.5, height);
    const top = mix(value(column.low, row.low), value(column.high, row.low), column.part);
    const bottom = mix(value(column.low, row.high), value(column.high, row.high), column.part);
    const activation = map.low + mix(top, bottom, row.part);
    return Math.min(1, Math.max(0, activation / most));
  };
}

/** From a pixel of the stored picture to its place in the turned one, as shares of its sides. */
function turnedPlace({ turn, width, height }: ClassMapGeometry) {
  const { exchanged, fromRight, fromBottom } = axesOf(turn);
  return (x: number, y: number) => {
    const [column, row] = [(x + 0.5) / width, (y + 0.5) / height];
    const across = fromRight ? 1 - column : column;
    const down = fromBottom ? 1 - row : row;
    return exchanged ? { x: down, y: across } : { x: across, y: down };
  };
}

/** From a share of the turned slice to its place in the model's input, as a share of the input. */
function axisTo(
  { resized, start, offset }: AxisPlacement,
  size: number,
): (share: number) => number {
  return (share) => (share * resized - start + offset) / size;
}

function between(at: number, count: number): { low: number; high: number; part: number } {
  const inside = Math.min(Math.max(at, 0), count - 1);
  const low = Math.floor(inside);
  return { low, high: Math.min(low + 1, count - 1), part: inside - low };
}

function mix(a: number, b: number, part: number): number {
  return a + (b - a) * part;
}
