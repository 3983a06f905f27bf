import { Type } from "typebox";

/** Lanes in the order in which work is chosen: the first with work goes first (invariant 7). */
export const LANES = ["stat", "routine", "backfill"] as const;
export type Lane = (typeof LANES)[number];
export const LaneSchema = Type.Enum([...LANES]);
