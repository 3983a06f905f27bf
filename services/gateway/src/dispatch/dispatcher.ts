import { INFER_QUEUES, type InferJob, inferJobId } from "@axial/contracts";
import type { Span } from "@axial/kit";
import { type DispatchedTask, readOutlook, takeBack } from "@axial/store/dispatch";
import type { Dependencies } from "../dependencies.ts";
import { dispatchLane, type LaneRoute, roomOf } from "./dispatch-lane.ts";
import { laneRoutes } from "./lane-routes.ts";
import { QueuePatience } from "./queue-patience.ts";

type DispatchDependencies = Pick<Dependencies, "db" | "queues" | "logger" | "tracing">;

/**
 * Keeps the lanes' windows full from the backlog in Postgres. Several may run: each lane is
 * dispatched by one at a time. A task is committed as dispatched before its job is added; when
 * the queue does not take the job the task is as it was, and when the process dies in between the
 * reconciler finds the task without a job.
 */
export class Dispatcher {
  readonly #dependencies: DispatchDependencies;
  readonly #queue: QueuePatience;

  constructor(dependencies: DispatchDependencies) {
    this.#dependencies = dependencies;
    this.#queue = new QueuePatience(dependencies.queues, dependencies.logger);
  }

  /** One pass over all lanes; true when something was dispatched, so that more may follow. */
  async pass(): Promise<boolean> {
    const { db } = this.#dependencies;
    if (!(await this.#queue.isOpen())) return false;
    let any = false;
    for (const route of await this.#openRoutes()) {
      const tasks = await dispatchLane(db, route);
      if (tasks.length === 0) continue;
      any = true;
      if (!(await this.#enqueue(route, tasks))) return false;
    }
    return any;
  }

  /**
   * The routes with both work and room, by a look without locks. Most passes end here: each
   * result wakes the dispatcher, and most find nothing to do.
   */
  async #openRoutes(): Promise<LaneRoute[]> {
    const { due, capacity, inFlight } = await readOutlook(this.#dependencies.db);
    return laneRoutes(capacity).filter(
      (route) =>
        (due[route.lane] ?? -1) >= route.dueForSeconds && roomOf(route, inFlight) >= route.refillAt,
    );
  }

  /** Resolves with false when the queue did not take the jobs. */
  async #enqueue(route: LaneRoute, tasks: readonly DispatchedTask[]): Promise<boolean> {
    const { db, queues } = this.#dependencies;
    const dispatchedAt = Date.now();
    const spans = tasks.map((task) => this.#startSpan(task, route));
    const jobs = tasks.map((task, index) => ({
      id: inferJobId(task),
      data: {
        ...jobOf(task, route, dispatchedAt),
        ...contextOf(task, spans[index]),
      },
    }));
    try {
      await queues.jobs.add(INFER_QUEUES[route.dispatchedLane], jobs);
      return true;
    } catch (error) {
      this.#queue.failed(error);
      for (const span of spans) span.fail("queue-unavailable");
      await takeBack(db, tasks);
      return false;
    } finally {
      for (const span of spans) span.end();
    }
  }

  /** Since the task was due: a task that has long waited for its turn shows it. */
  #startSpan(task: DispatchedTask, { dispatchedLane }: LaneRoute): Span {
    return this.#dependencies.tracing.start("dispatch", {
      kind: "producer",
      parent: task.traceParent,
      startedAt: Math.min(task.dueAt.getTime(), Date.now()),
      facts: {
        ...{ "axial.task": task.task, "axial.attempt": task.attempt },
        ...{ "axial.lane": dispatchedLane, "axial.model": task.model },
      },
    });
  }
}

/** A gateway without tracing passes on what the task has. */
function contextOf({ traceParent }: DispatchedTask, span: Span | undefined) {
  const traceparent = span?.traceParent ?? traceParent;
  return traceparent === null ? {} : { traceparent };
}

function jobOf(task: DispatchedTask, route: LaneRoute, dispatchedAt: number): InferJob {
  return {
    task: task.task,
    attempt: task.attempt,
    manifest: task.input,
    lane: route.dispatchedLane,
    model: task.model,
    dispatchedAt,
    ...(task.isolate ? { isolate: true } : {}),
  };
}
