import type { ErrorCode } from "@axial/contracts";
import type { EngineTask, TaskOutcome } from "../protocol.ts";

interface Held {
  readonly task: EngineTask;
  readonly promise: Promise<TaskOutcome>;
  readonly settle: (outcome: TaskOutcome) => void;
  begunAt: number | null;
}

/** The tasks that the supervisor took and has no outcome for yet. */
export class HeldTasks {
  readonly #held = new Map<string, Held>();

  /**
   * Holds a task. One that is held already was handed out again by the queue, to the very
   * supervisor that lost its lock for a moment: both get the one outcome.
   */
  hold(task: EngineTask): { readonly promise: Promise<TaskOutcome>; readonly isNew: boolean } {
    const known = this.#held.get(task.key);
    if (known !== undefined) return { promise: known.promise, isNew: false };
    const { promise, resolve: settle } = Promise.withResolvers<TaskOutcome>();
    this.#held.set(task.key, { task, promise, settle, begunAt: null });
    return { promise, isNew: true };
  }

  begun(key: string, now: number): void {
    const held = this.#held.get(key);
    if (held !== undefined) held.begunAt = now;
  }

  settle(key: string, outcome: TaskOutcome): void {
    this.#held.get(key)?.settle(outcome);
    this.#held.delete(key);
  }

  /** When the oldest of the tasks that the engine works on began. */
  get oldestBegunAt(): number | null {
    let oldest: number | null = null;
    for (const { begunAt } of this.#held.values()) {
      if (begunAt !== null && (oldest === null || begunAt < oldest)) oldest = begunAt;
    }
    return oldest;
  }

  get size(): number {
    return this.#held.size;
  }

  /** What no engine has begun: it may be handed to the next engine. */
  waiting(): EngineTask[] {
    return [...this.#held.values()].filter((held) => held.begunAt === null).map(({ task }) => task);
  }

  /** The engine died: what it was working on failed, and runs alone the next time. */
  failBegun(code: ErrorCode): void {
    for (const [key, { begunAt }] of this.#held) {
      if (begunAt !== null)
        this.settle(key, { status: "failed", failure: { code }, isolate: true });
    }
  }

  /** Gives up on everything. */
  failAll(code: ErrorCode): void {
    for (const key of [...this.#held.keys()]) {
      this.settle(key, { status: "failed", failure: { code } });
    }
  }
}
