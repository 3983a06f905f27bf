import type { ErrorCode, Lane } from "@axial/contracts";
import type { EngineOutcome, EngineTask } from "../protocol.ts";

interface Held<Owner> {
  readonly task: EngineTask;
  readonly promise: Promise<EngineOutcome>;
  readonly settle: (outcome: EngineOutcome) => void;
  /** The engine that has it; null while it waits for one. */
  owner: Owner | null;
  begunAt: number | null;
}

/** The tasks that the supervisor took and has no outcome for yet, and which engine has each. */
export class HeldTasks<Owner extends object> {
  readonly #held = new Map<string, Held<Owner>>();

  /**
   * Holds a task. One that is held already was handed out again by the queue, to the very
   * supervisor that lost its lock for a moment: both get the one outcome.
   */
  hold(task: EngineTask): { readonly promise: Promise<EngineOutcome>; readonly isNew: boolean } {
    const known = this.#held.get(task.key);
    if (known !== undefined) return { promise: known.promise, isNew: false };
    const { promise, resolve: settle } = Promise.withResolvers<EngineOutcome>();
    this.#held.set(task.key, { task, promise, settle, owner: null, begunAt: null });
    return { promise, isNew: true };
  }

  give(key: string, owner: Owner): void {
    const held = this.#held.get(key);
    if (held !== undefined) held.owner = owner;
  }

  /** The engine did not begin with it: it waits for another. */
  takeBack(key: string): void {
    const held = this.#held.get(key);
    if (held !== undefined) held.owner = null;
  }

  begun(key: string, now: number): void {
    const held = this.#held.get(key);
    if (held !== undefined) held.begunAt = now;
  }

  /** The engine that has the task; null while it waits for one, undefined when it is not held. */
  ownerOf(key: string): Owner | null | undefined {
    return this.#held.get(key)?.owner;
  }

  settle(key: string, outcome: EngineOutcome): void {
    this.#held.get(key)?.settle(outcome);
    this.#held.delete(key);
  }

  /** When the oldest of the tasks that the engine works on began. */
  oldestBegunAt(owner: Owner): number | null {
    let oldest: number | null = null;
    for (const { begunAt } of this.#ofOwner(owner)) {
      if (begunAt !== null && (oldest === null || begunAt < oldest)) oldest = begunAt;
    }
    return oldest;
  }

  get size(): number {
    return this.#held.size;
  }

  /** How many of each lane; a lane without any is left out. */
  byLane(): Partial<Record<Lane, number>> {
    const counts: Partial<Record<Lane, number>> = {};
    for (const { task } of this.#held.values()) counts[task.lane] = (counts[task.lane] ?? 0) + 1;
    return counts;
  }

  /** Unanswered tasks of the engine. */
  count(owner: Owner): number {
    return this.#ofOwner(owner).length;
  }

  /** What waits for an engine. */
  waiting(): EngineTask[] {
    const held = [...this.#held.values()];
    return held.filter(({ owner }) => owner === null).map(({ task }) => task);
  }

  /**
   * The engine died: what it was working on failed, and runs alone the next time; what it had not
   * begun waits for another.
   */
  lost(owner: Owner, code: ErrorCode): void {
    for (const held of this.#ofOwner(owner)) {
      if (held.begunAt === null) held.owner = null;
      else this.settle(held.task.key, { kind: "failed", code, isolate: true });
    }
  }

  /** Gives up on what waits. */
  failWaiting(code: ErrorCode): void {
    for (const { key } of this.waiting()) this.settle(key, { kind: "failed", code });
  }

  /** Gives up on everything. */
  failAll(code: ErrorCode): void {
    for (const key of [...this.#held.keys()]) {
      this.settle(key, { kind: "failed", code });
    }
  }

  #ofOwner(owner: Owner): Held<Owner>[] {
    return [...this.#held.values()].filter((held) => held.owner === owner);
  }
}
