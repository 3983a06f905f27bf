import {
  ERROR_CATALOGUE,
  FINISHED_STUDY_STATES,
  isErrorCode,
  LaneSchema,
  StudyStateSchema,
} from "@axial/contracts";
import {
  MAX_POSITION,
  RATE_WINDOW_SECONDS,
  type WaitingRecord,
  type WorkerRow,
} from "@axial/store/views";
import { type Static, Type } from "typebox";

const ReasonSchema = Type.Object({ code: Type.String(), text: Type.String() });
type Reason = Static<typeof ReasonSchema>;

export const WaitingViewSchema = Type.Object({
  study: Type.String(),
  state: StudyStateSchema,
  lane: LaneSchema,
  waiting: Type.Boolean(),
  reasons: Type.Array(ReasonSchema, { description: "what the study is waiting for, in words" }),
  tasks: Type.Object({
    pending: Type.Integer(),
    dispatched: Type.Integer(),
    running: Type.Integer(),
  }),
  position: Type.Union([Type.Integer(), Type.Null()], {
    description: `tasks ahead of its first one, in this and more urgent lanes; at most ${MAX_POSITION}`,
  }),
  etaSeconds: Type.Union([Type.Integer(), Type.Null()], {
    description: "from the throughput of the last few minutes; null if nothing finished in them",
  }),
  capacity: Type.Object({ workers: Type.Integer(), tasks: Type.Integer() }),
  throttles: Type.Array(Type.String()),
  retryAt: Type.Union([Type.String({ format: "date-time" }), Type.Null()]),
  lastError: Type.Union([
    Type.Object({
      code: Type.String(),
      title: Type.String(),
      at: Type.Union([Type.String(), Type.Null()]),
    }),
    Type.Null(),
  ]),
});
type WaitingView = Static<typeof WaitingViewSchema>;

interface WaitingContext {
  readonly study: string;
  readonly workers: readonly WorkerRow[];
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Why a study is not finished yet, what holds it up, and an estimate of when it will be. */
export function whyWaiting(record: WaitingRecord, context: WaitingContext): WaitingView {
  const waiting = !FINISHED_STUDY_STATES.includes(record.state);
  const pending = record.tasks.filter((task) => task.state === "pending");
  const throttles = throttlesOf(record);
  const retry = pending.map((task) => task.not_before.getTime()).filter((at) => at > context.now);
  const live = liveFor(record, context.workers);
  const count = (state: string) => record.tasks.filter((task) => task.state === state).length;
  return {
    study: context.study,
    state: record.state,
    lane: record.lane,
    waiting,
    reasons: waiting ? reasonsOf(record, context, throttles) : [],
    tasks: {
      pending: pending.length,
      dispatched: count("dispatched"),
      running: count("running"),
    },
    position: pending.length === 0 ? null : record.ahead,
    etaSeconds: waiting ? etaSeconds(record, context.now) : null,
    capacity: {
      workers: live.length,
      tasks: live.reduce((sum, worker) => sum + worker.capacity, 0),
    },
    throttles: throttles.map((throttle) => throttle.code),
    retryAt: retry.length === 0 ? null : new Date(Math.min(...retry)).toISOString(),
    lastError: lastErrorOf(record),
  };
}

function reasonsOf(
  record: WaitingRecord,
  { workers, now }: WaitingContext,
  throttles: readonly Reason[],
): Reason[] {
  if (record.state === "receiving") return [receivingReason(record)];
  if (record.state === "held") {
    return [
      {
        code: "identity-conflict",
        text: "Its instances name several patients: an operator decides (GET and POST …/resolve).",
      },
    ];
  }
  if (record.to_be_planned) {
    return [{ code: "to-be-planned", text: "The study is closed and will be planned next." }];
  }
  const states = new Set(record.tasks.map((task) => task.state));
  const later = record.tasks.filter((task) => task.not_before.getTime() > now);
  return [
    ...throttles,
    ...unserved(record, workers),
    ...(later.length > 0 ? [retryReason(later.length)] : []),
    ...(states.has("pending") && later.length < record.tasks.length ? [lineReason(record)] : []),
    ...(states.has("dispatched")
      ? [{ code: "at-a-worker", text: "Tasks are on the queue or in a worker's hands." }]
      : []),
    ...(states.has("running") ? [{ code: "running", text: "Tasks are running." }] : []),
  ];
}

function receivingReason({ instances, expected, tenant }: WaitingRecord): Reason {
  if (expected !== null) {
    const text = `${instances} of ${expected} expected instances have come.`;
    return { code: "instances-missing", text };
  }
  const text = `It closes after ${tenant.quiet_period_seconds} s without a new instance, or by POST …/close.`;
  return { code: "quiet-period", text };
}

function throttlesOf({ tenant, lane, lane_paused }: WaitingRecord): Reason[] {
  const reasons: Reason[] = [];
  const { max_concurrent_tasks: most, max_tasks_per_minute: rate } = tenant;
  if (lane_paused) reasons.push({ code: "lane-paused", text: `The lane ${lane} is paused.` });
  if (tenant.paused) reasons.push({ code: "tenant-paused", text: "The tenant is paused." });
  if (most !== null && tenant.in_flight >= most) {
    reasons.push({ code: "tenant-concurrency", text: `The tenant may run ${most} tasks at once.` });
  }
  if (rate !== null) {
    reasons.push({ code: "tenant-rate", text: `The tenant may run ${rate} tasks a minute.` });
  }
  return reasons;
}

function unserved({ tasks }: WaitingRecord, workers: readonly WorkerRow[]): Reason[] {
  const models = new Set(tasks.map((task) => task.model));
  return [...models]
    .filter((model) => !workers.some((worker) => worker.models.includes(model)))
    .map((model) => ({ code: "no-worker", text: `No live worker serves the model ${model}.` }));
}

function retryReason(tasks: number): Reason {
  const what = tasks === 1 ? "One task" : `${tasks} tasks`;
  return { code: "retry-later", text: `${what} failed and will be tried again.` };
}

function lineReason({ ahead, lane }: WaitingRecord): Reason {
  const place = ahead >= MAX_POSITION ? `More than ${MAX_POSITION}` : `${ahead}`;
  return { code: "in-line", text: `${place} tasks of the lane ${lane} or above are before it.` };
}

function liveFor({ tasks }: WaitingRecord, workers: readonly WorkerRow[]): readonly WorkerRow[] {
  const models = new Set(tasks.map((task) => task.model));
  if (models.size === 0) return workers;
  return workers.filter((worker) => worker.models.some((model) => models.has(model)));
}

/** Tasks before and of the study at the speed of late, after the last pause before a retry. */
function etaSeconds({ finished_lately, ahead, tasks }: WaitingRecord, now: number): number | null {
  if (finished_lately === 0 || tasks.length === 0) return null;
  const perSecond = finished_lately / RATE_WINDOW_SECONDS;
  const pauseMs = Math.max(0, ...tasks.map((task) => task.not_before.getTime() - now));
  return Math.ceil((ahead + tasks.length) / perSecond + pauseMs / 1000);
}

function lastErrorOf({ tasks }: WaitingRecord): WaitingView["lastError"] {
  const failed = tasks
    .filter((task) => task.error_code !== null)
    .toSorted((a, b) => (b.error_at ?? "").localeCompare(a.error_at ?? ""))[0];
  if (failed === undefined || failed.error_code === null) return null;
  const code = failed.error_code;
  return {
    code,
    title: isErrorCode(code) ? ERROR_CATALOGUE[code].title : code,
    at: failed.error_at,
  };
}
