import type { AnswerAudit } from "./audit/audit-answers.ts";
import type { DeliveryAudit } from "./audit/audit-deliveries.ts";
import type { Backend, ChaosOptions } from "./options.ts";

/** The fault is over, and so is everything that it did, within this. */
export const RECOVERY_LIMIT_SECONDS = 15;
/** Memory after the run against before: Node keeps what it once used, a leak grows on. */
const RESIDENT_LIMIT_FACTOR = 1.5;
const RESIDENT_LIMIT_MEGABYTES = 100;

/** One fault that was inflicted, and how long everything took to recover from it. */
export interface InflictedFault {
  readonly kind: string;
  readonly recoverySeconds: number;
}

/** The findings of a run. */
export interface Observations {
  readonly options: ChaosOptions;
  readonly faults: readonly InflictedFault[];
  readonly skipped: readonly string[];
  readonly studies: number;
  readonly acknowledged: number;
  readonly rejections: readonly string[];
  readonly retried: ReadonlyMap<string, number>;
  readonly answers: AnswerAudit;
  readonly deliveries: DeliveryAudit;
  readonly instances: readonly string[];
  readonly dead: readonly { readonly history: readonly { readonly code: string }[] }[];
  readonly unfinished: readonly string[];
  readonly queueLeftovers: readonly string[];
  readonly orphans: number;
  /** Processes that did not exit as they should. */
  readonly badExits: readonly string[];
  readonly residentMegabytes: { readonly before: number; readonly after: number };
  readonly longestStallSeconds: number;
}

interface ChaosReport {
  readonly ok: boolean;
  readonly acknowledged: number;
  readonly finished: number;
  readonly refused: number;
  readonly cancelled: number;
  readonly dead: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly longestStallSeconds: number;
  /** The longest recovery from each kind of fault. */
  readonly recoverySeconds: Readonly<Record<string, number>>;
  readonly seed: number;
  readonly backend: Backend;
  readonly minutes: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly skipped: readonly string[];
  readonly studies: number;
  readonly deliveries: Omit<DeliveryAudit, "lost" | "duplicated">;
  readonly retriedRequests: Readonly<Record<string, number>>;
  readonly residentMegabytes: { readonly before: number; readonly after: number };
  /** Everything that makes the run a failure, each with how often. */
  readonly failures: readonly string[];
}

/** The report of a run: what it prints, and whether it passed. */
export function reportOf(seen: Observations): ChaosReport {
  const { options, answers, deliveries } = seen;
  const lost = [...seen.instances, ...answers.lost, ...deliveries.lost];
  const duplicated = [...answers.duplicated, ...deliveries.duplicated];
  const failures = counted([
    ...lost.map((what) => `lost: ${what}`),
    ...duplicated.map((what) => `duplicated: ${what}`),
    ...answers.wrong.map((what) => `wrong: ${what}`),
    ...answers.stuck.map((what) => `stuck: ${what}`),
    ...seen.unfinished.map((what) => `stuck: ${what}`),
    ...seen.queueLeftovers.map((what) => `left on a queue: ${what}`),
    ...seen.rejections.map((what) => `rejected: ${what}`),
    ...seen.dead.map(({ history }) => `dead: ${history.map(({ code }) => code).join(", ")}`),
    ...seen.badExits,
    ...(seen.orphans === 0 ? [] : [`${seen.orphans} processes were left behind`]),
    ...slowRecoveries(seen.faults),
    ...leaks(seen.residentMegabytes),
  ]);
  return {
    ok: failures.length === 0,
    acknowledged: seen.acknowledged,
    finished: answers.finished,
    refused: answers.refused,
    cancelled: answers.cancelled,
    dead: seen.dead.length,
    lost: lost.length,
    duplicated: duplicated.length,
    longestStallSeconds: round(seen.longestStallSeconds),
    recoverySeconds: worstByKind(seen.faults),
    seed: options.seed,
    backend: options.backend,
    minutes: options.minutes,
    faults: countsByKind(seen.faults),
    skipped: seen.skipped,
    studies: seen.studies,
    deliveries: {
      ...{ delivered: deliveries.delivered, repeated: deliveries.repeated },
      ...{ retried: deliveries.retried, lies: deliveries.lies },
    },
    retriedRequests: Object.fromEntries(seen.retried),
    residentMegabytes: seen.residentMegabytes,
    failures,
  };
}

function slowRecoveries(faults: readonly InflictedFault[]): string[] {
  return faults
    .filter(({ recoverySeconds }) => recoverySeconds > RECOVERY_LIMIT_SECONDS)
    .map(({ kind, recoverySeconds }) => `slow: ${kind} took ${round(recoverySeconds)} s`);
}

function leaks({ before, after }: Observations["residentMegabytes"]): string[] {
  const limit = before * RESIDENT_LIMIT_FACTOR + RESIDENT_LIMIT_MEGABYTES;
  return after > limit ? [`leak: ${before} MB in memory before, ${after} MB after`] : [];
}

function counted(texts: readonly string[]): string[] {
  const groups = Map.groupBy(texts, (text) => text);
  return [...groups].map(([text, { length }]) => (length === 1 ? text : `${text} (× ${length})`));
}

function countsByKind(faults: readonly InflictedFault[]): Record<string, number> {
  const groups = [...Map.groupBy(faults, ({ kind }) => kind)].sort();
  return Object.fromEntries(groups.map(([kind, { length }]) => [kind, length]));
}

function worstByKind(faults: readonly InflictedFault[]): Record<string, number> {
  const groups = [...Map.groupBy(faults, ({ kind }) => kind)].sort();
  return Object.fromEntries(
    groups.map(([kind, all]) => [
      kind,
      round(Math.max(...all.map(({ recoverySeconds }) => recoverySeconds))),
    ]),
  );
}

function round(seconds: number): number {
  return Math.round(seconds * 10) / 10;
}
