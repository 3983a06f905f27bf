import type { HeatMap, HeatMaps, Turn } from "@axial/contracts";
import { type AxisPlacement, axesOf, type Placement } from "@axial/imaging";

/**
 * Writes the evidence for the label along a row of the picture into `row`, a number for each pixel: 0
 * none (or against it), 1 the most in the series.
 */
export type Evidence = (y: number, row: Float64Array) => Float64Array;

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
 * map is turned back onto it. All slices of a series are scaled by the same number, so that a faint
 * map is a faint finding. What the model did not see has no evidence.
 */
export function evidenceOf(
  { maps, width, height }: HeatMaps,
  map: HeatMap,
  geometry: ClassMapGeometry,
): Evidence {
  const most = Math.max(...maps.map(({ high }) => high));
  if (!(most > 0) || width === 0 || height === 0) return (_, row) => row.fill(0);
  const { placement, input, turn } = geometry;
  const { exchanged, fromRight, fromBottom } = axesOf(turn);
  const across = samples(geometry.width, { backwards: fromRight });
  const down = samples(geometry.height, { backwards: fromBottom });
  const columns = { ...placement.horizontal, size: input.width, places: width };
  const rows = { ...placement.vertical, size: input.height, places: height };
  const byX = across.map((share) => placeIn(exchanged ? rows : columns, share));
  const byY = down.map((share) => placeIn(exchanged ? columns : rows, share));
  const factor = (map.high - map.low) / 255;
  // One step along the picture's row, and one down its columns, in values of the map.
  const [step, stride] = exchanged ? [width, 1] : [1, width];
  const line = new Float64Array(exchanged ? height : width);
  return (y, row) => {
    const at = byY[y] ?? null;
    if (at === null) return row.fill(0);
    for (let along = 0; along < line.length; along++) {
      const low = map.values[along * step + at.low * stride] ?? 0;
      const high = map.values[along * step + at.high * stride] ?? 0;
      line[along] = mix(low * factor, high * factor, at.part);
    }
    for (let x = 0; x < row.length; x++) {
      const place = byX[x] ?? null;
      const value =
        place === null ? -map.low : mix(line[place.low] ?? 0, line[place.high] ?? 0, place.part);
      row[x] = Math.min(1, Math.max(0, (map.low + value) / most));
    }
    return row;
  };
}

/** The middles of `count` pixels as shares of the side, from the other end when `backwards`. */
function samples(count: number, { backwards }: { readonly backwards: boolean }): number[] {
  return Array.from({ length: count }, (_, at) => {
    const share = (at + 0.5) / count;
    return backwards ? 1 - share : share;
  });
}

interface MapAxis extends AxisPlacement {
  /** Pixels of the model's input, and values of the map, along it. */
  readonly size: number;
  readonly places: number;
}

interface Place {
  readonly low: number;
  readonly high: number;
  readonly part: number;
}

/** Where a share of the turned slice lies in the map; null where the model did not see it. */
function placeIn({ resized, start, offset, size, places }: MapAxis, share: number): Place | null {
  const seen = (share * resized - start + offset) / size;
  if (seen < 0 || seen > 1) return null;
  const inside = Math.min(Math.max(seen * places - 0.5, 0), places - 1);
  const low = Math.floor(inside);
  return { low, high: Math.min(low + 1, places - 1), part: inside - low };
}

function mix(a: number, b: number, part: number): number {
  return a + (b - a) * part;
}
