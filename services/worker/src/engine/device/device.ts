import { Worker } from "node:worker_threads";
import { AxialError } from "@axial/contracts";
import type { ReadyModel } from "../../protocol.ts";
import type { DeviceThreadData, FromDevice, Outputs, RunBatch } from "./messages.ts";

const THREAD = new URL("./device-thread.ts", import.meta.url);

export interface BatchRun {
  readonly outputs: Outputs;
  readonly milliseconds: number;
}

type NotLoaded = Extract<FromDevice, { kind: "not-loaded" }>;

/** One inference thread; it runs one batch at a time. A thread that dies takes the engine along. */
class DeviceThread {
  readonly #worker: Worker;
  #pending: ((message: FromDevice) => void) | undefined;

  constructor(data: DeviceThreadData) {
    this.#worker = new Worker(THREAD, { workerData: data });
    this.#worker.on("message", (message: FromDevice) => {
      const pending = this.#pending;
      this.#pending = undefined;
      pending?.(message);
    });
    this.#worker.on("error", (error) => {
      throw error;
    });
  }

  get busy(): boolean {
    return this.#pending !== undefined;
  }

  answer(): Promise<FromDevice> {
    return new Promise((resolve) => {
      this.#pending = resolve;
    });
  }

  run(batch: RunBatch): Promise<FromDevice> {
    const answer = this.answer();
    this.#worker.postMessage(batch);
    return answer;
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}

/** What runs batches: one or more sessions of every model, each in a thread of its own. */
export class Device {
  readonly models: readonly ReadyModel[];
  readonly #threads: readonly DeviceThread[];

  private constructor(threads: readonly DeviceThread[], models: readonly ReadyModel[]) {
    this.#threads = threads;
    this.models = models;
  }

  /** Loads every model in `sessions` threads. Returns the failures when one cannot be used. */
  static async open(
    sessions: number,
    data: Omit<DeviceThreadData, "verify">,
  ): Promise<Device | NotLoaded> {
    // The first one checks the packages before the others cost memory.
    const first = new DeviceThread({ ...data, verify: true });
    const loaded = await first.answer();
    if (loaded.kind !== "loaded") {
      await first.close();
      return asNotLoaded(loaded);
    }
    const others = Array.from(
      { length: sessions - 1 },
      () => new DeviceThread({ ...data, verify: false }),
    );
    const threads = [first, ...others];
    const answers = await Promise.all(others.map((thread) => thread.answer()));
    const failed = answers.find((answer) => answer.kind !== "loaded");
    if (failed === undefined) return new Device(threads, loaded.models);
    await Promise.all(threads.map((thread) => thread.close()));
    return asNotLoaded(failed);
  }

  /** True when a batch would run at once. */
  get free(): boolean {
    return this.#threads.some((thread) => !thread.busy);
  }

  /** Runs a batch on a free thread. Throws `out-of-memory` or `inference-failed`. */
  async run(batch: RunBatch): Promise<BatchRun> {
    const thread = this.#threads.find((candidate) => !candidate.busy);
    if (thread === undefined) throw new Error("the device is busy");
    const answer = await thread.run(batch);
    if (answer.kind === "ran") return answer;
    const failure = answer.kind === "failed" ? answer.failure : { code: "internal" as const };
    throw new AxialError(failure.code, failure.detail === undefined ? {} : failure);
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }
}

/** The first word of a thread is whether its models are loaded; anything else is a fault of ours. */
function asNotLoaded(answer: FromDevice): NotLoaded {
  return answer.kind === "not-loaded"
    ? answer
    : { kind: "not-loaded", failures: [{ code: "internal" }] };
}
