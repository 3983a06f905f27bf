import { AxialError } from "@axial/contracts";
import type { EngineOutcome, EngineTask, FromEngine } from "../protocol.ts";
import type { Pipeline } from "./pipeline.ts";
import type { StartQueue, Ticket, WaitingTask } from "./start-queue.ts";

interface TasksDependencies {
  readonly pipeline: Pick<Pipeline, "run">;
  readonly startQueue: StartQueue;
  say(message: FromEngine): void;
}

interface Given {
  readonly applicant: WaitingTask;
  readonly withdrawal: AbortController;
}

/** The tasks that the supervisor gave to this engine and that have no outcome yet. */
export class Tasks {
  readonly #dependencies: TasksDependencies;
  readonly #given = new Map<string, Given>();

  constructor(dependencies: TasksDependencies) {
    this.#dependencies = dependencies;
  }

  submit(task: EngineTask): void {
    const withdrawal = new AbortController();
    const applicant: WaitingTask = {
      lane: task.lane,
      isolate: task.isolate,
      start: (ticket) => void this.#run(task, { ticket, signal: withdrawal.signal }),
      turnAway: () => this.#answer(task.key, failed("shutting-down")),
    };
    this.#given.set(task.key, { applicant, withdrawal });
    this.#dependencies.startQueue.request(applicant);
  }

  /** Withdraws a task. Its slices on the device finish; no more are started. */
  withdraw(key: string): void {
    const given = this.#given.get(key);
    if (given === undefined) return;
    if (this.#dependencies.startQueue.leave(given.applicant))
      this.#answer(key, failed("withdrawn"));
    else given.withdrawal.abort(new AxialError("withdrawn"));
  }

  /** Returns what has not begun. */
  drain(): void {
    this.#dependencies.startQueue.close();
  }

  async #run(
    task: EngineTask,
    { ticket, signal }: { ticket: Ticket; signal: AbortSignal },
  ): Promise<void> {
    this.#dependencies.say({ kind: "begun", key: task.key });
    this.#answer(task.key, await this.#dependencies.pipeline.run(task, { ticket, signal }));
    ticket.ended();
  }

  #answer(key: string, outcome: EngineOutcome): void {
    this.#given.delete(key);
    this.#dependencies.say({ kind: "outcome", key, outcome });
  }
}

function failed(code: "shutting-down" | "withdrawn"): EngineOutcome {
  return { kind: "failed", code };
}
