import type { FrameColumns } from "@axial/contracts";
import type { DataSet } from "./data-set.ts";
import { MAX_DESCRIBED_FRAMES } from "./limits.ts";
import { Tag } from "./tags.ts";

/** What one frame of an enhanced instance says of itself. */
export type FrameFacts = {
  readonly [Column in keyof FrameColumns]-?: NonNullable<FrameColumns[Column]>[number];
};

type ColumnName = keyof FrameColumns;

const COLUMNS = [
  "imageType",
  "laterality",
  "orientation",
  "position",
  "echoTime",
  "repetitionTime",
  "diffusionBValue",
  "temporalPosition",
  "acquisitionNumber",
] as const satisfies readonly ColumnName[];

/**
 * The functional groups of every frame as columns (PS3.3 C.7.6.16): for each fact on which a frame
 * differs from `whole`, what the instance says as a whole, one entry per frame. Undefined where no
 * frame differs, and for instances of more frames than are described.
 */
export function frameColumns(
  dataset: DataSet,
  whole: FrameFacts,
  read: (frame: number) => FrameFacts,
): FrameColumns | undefined {
  const { length } = dataset.items(Tag.PerFrameFunctionalGroups);
  if (length === 0 || length > MAX_DESCRIBED_FRAMES) return undefined;
  const frames = Array.from({ length }, (_, frame) => read(frame));
  const differing = COLUMNS.filter((name) => {
    const common = JSON.stringify(whole[name]);
    return frames.some((frame) => JSON.stringify(frame[name]) !== common);
  });
  if (differing.length === 0) return undefined;
  return Object.fromEntries(differing.map((name) => [name, frames.map((frame) => frame[name])]));
}
