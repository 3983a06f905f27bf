import { type Job, newJob } from "./traffic.ts";

/** This many studies per second arrive for this long. */
export interface Phase {
  readonly seconds: number;
  readonly perSecond: number;
}

export interface BurstOptions {
  readonly phases: readonly Phase[];
  readonly statShare: number;
  /** Old studies that a script posts all at once. */
  readonly backfill: { readonly at: number; readonly studies: number };
  /** Of every study. */
  readonly images: number;
  readonly random: () => number;
}

/** Traffic of a few minutes, in order of arrival: Poisson by the phase's rate. */
export function burstOf({ phases, statShare, backfill, images, random }: BurstOptions): Job[] {
  const jobs = Array.from({ length: backfill.studies }, () =>
    newJob("backfill", backfill.at, images),
  );
  let begin = 0;
  for (const { seconds, perSecond } of phases) {
    const end = begin + seconds;
    for (let at = begin; ; ) {
      at += -Math.log(1 - random()) / perSecond;
      if (at >= end) break;
      jobs.push(newJob(random() < statShare ? "stat" : "routine", at, images));
    }
    begin = end;
  }
  return jobs.sort((a, b) => a.arrivedAt - b.arrivedAt);
}
