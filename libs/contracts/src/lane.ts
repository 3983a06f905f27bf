import { Type } from "typebox";

/** Lanes by urgency: work is always chosen from the first lane that has any (invariant 7). */
export const LANES = ["stat", "routine", "backfill"] as const;
export type Lane = (typeof LANES)[number];
export const LaneSchema = Type.Enum([...LANES]);
