import { LANES, type Lane } from "./lane.ts";

/** How full the fullest limit may be for a lane's uploads to be taken: STAT is taken longest. */
const HIGH_WATER: Readonly<Record<Lane, number>> = {
  stat: 1,
  routine: 0.9,
  backfill: 0.8,
};

/** Operators are told from this share on: days before a lane closes, at most sites. */
export const INTAKE_WARNS_FROM = 0.7;

/** The lanes whose uploads are taken while the fullest limit is at `level`, 0..1 and beyond. */
export function lanesOpenAt(level: number): Lane[] {
  return LANES.filter((lane) => level < HIGH_WATER[lane]);
}
