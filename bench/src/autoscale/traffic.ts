import type { Lane } from "@axial/contracts";

export interface Job {
  readonly lane: Lane;
  readonly arrivedAt: number;
  readonly images: number;
  /** Images that no batch has taken yet. */
  waiting: number;
  /** Images that no batch has finished yet. */
  unfinished: number;
}

export interface TrafficOptions {
  /** Studies of a working day, all hospitals together. */
  readonly studiesPerDay: number;
  /** Share of them that is STAT. */
  readonly statShare: number;
  readonly days: number;
  /** Studies of a backfill that begins on Friday evening. */
  readonly backfillStudies: number;
  readonly random: () => number;
}

export const DAY_SECONDS = 86_400;
const HOUR_SECONDS = 3_600;
/** A backfill begins when the wards are quiet. */
const BACKFILL_HOUR = 20;
/** A backfill is posted by a script, as fast as the gateway takes it. */
const BACKFILL_PER_SECOND = 50;
/** The first day is a Thursday. */
const FRIDAY = 1;
const WEEKEND = [2, 3];
const WEEKEND_SHARE = 0.3;

/**
 * Each hour's share of a day's studies: radiology departments scan from 7 to 19 with a dip at noon,
 * and emergencies all night.
 */
const HOURS = [
  1, 1, 0.8, 0.7, 0.8, 1.2, 3, 6, 8, 9, 9, 8, 6.5, 8, 8.5, 8, 7, 5, 3.5, 2.5, 2, 1.7, 1.4, 1.2,
];
const HOURS_TOTAL = HOURS.reduce((sum, share) => sum + share, 0);

/** Series as one model sees them: from a radiograph to a brain volume. */
const SIZES: readonly (readonly [images: number, share: number])[] = [
  [2, 0.35],
  [24, 0.45],
  [160, 0.2],
];

/** A job per study, in order of arrival: Poisson by the hour's rate. */
export function trafficOf(options: TrafficOptions): Job[] {
  const jobs = [...daily(options), ...backfill(options)];
  return jobs.sort((a, b) => a.arrivedAt - b.arrivedAt);
}

function daily({ days, studiesPerDay, statShare, random }: TrafficOptions): Job[] {
  const jobs: Job[] = [];
  for (let hour = 0; hour < days * 24; hour++) {
    const weekend = WEEKEND.includes(Math.floor(hour / 24) % 7) ? WEEKEND_SHARE : 1;
    const rate = (studiesPerDay * weekend * (HOURS[hour % 24] ?? 0)) / HOURS_TOTAL / HOUR_SECONDS;
    const end = (hour + 1) * HOUR_SECONDS;
    for (let at = hour * HOUR_SECONDS; ; ) {
      at += -Math.log(1 - random()) / rate;
      if (at >= end) break;
      const lane = random() < statShare ? "stat" : "routine";
      jobs.push(newJob(lane, at, imagesOf(random())));
    }
  }
  return jobs;
}

function backfill({ days, backfillStudies, random }: TrafficOptions): Job[] {
  const begin = Math.min(days - 1, FRIDAY) * DAY_SECONDS + BACKFILL_HOUR * HOUR_SECONDS;
  return Array.from({ length: backfillStudies }, (_, index) =>
    newJob("backfill", begin + index / BACKFILL_PER_SECOND, imagesOf(random())),
  );
}

/** A job that no worker has begun. */
export function newJob(lane: Lane, arrivedAt: number, images: number): Job {
  return { lane, arrivedAt, images, waiting: images, unfinished: images };
}

function imagesOf(chance: number): number {
  let left = chance;
  for (const [images, share] of SIZES) {
    left -= share;
    if (left < 0) return images;
  }
  return SIZES[0]?.[0] ?? 1;
}
