import { hash } from "node:crypto";
import {
  AxialError,
  asAxialError,
  type BlobKey,
  type ErrorCode,
  parseAs,
  type TaskInput,
  TaskInputSchema,
} from "@axial/contracts";
import type { EngineOutcome, EngineTask } from "../protocol.ts";
import { aggregate } from "./aggregate.ts";
import type { ReadSource } from "./decode/source.ts";
import type { Device } from "./device/device.ts";
import { assessDomain } from "./domain.ts";
import { findModel, type InstalledModel } from "./installed-models.ts";
import { seriesHeatMaps } from "./series-heat-maps.ts";
import type { SliceFlow } from "./slice-flow.ts";
import type { SeenSlices } from "./slice-work.ts";
import type { Ticket } from "./start-queue.ts";
import { taskResult, usableSlices } from "./task-result.ts";

/** The worker cannot do this task; another one may. The input is not to blame. */
const WORKERS_FAULT: ReadonlySet<ErrorCode> = new Set(["model-not-found", "invalid-model"]);

interface PipelineDependencies {
  readonly read: ReadSource;
  readonly models: readonly InstalledModel[];
  readonly device: Device;
  readonly flow: SliceFlow;
}

export interface RunOptions {
  readonly ticket: Ticket;
  /** Aborted, with the reason, when the task is no longer wanted. */
  readonly signal: AbortSignal;
}

/** Runs a task through the engine: read, see, aggregate, explain. */
export class Pipeline {
  readonly #dependencies: PipelineDependencies;

  constructor(dependencies: PipelineDependencies) {
    this.#dependencies = dependencies;
  }

  /** Never rejects: errors and withdrawal are outcomes. */
  async run(task: EngineTask, { ticket, signal }: RunOptions): Promise<EngineOutcome> {
    const startedAt = performance.now();
    try {
      const { input, model } = await this.#read(task);
      signal.throwIfAborted();
      ticket.sized(input.slices.length);
      const seen = await this.#see(task, { input, model, ticket, signal });
      const slices = usableSlices(seen);
      const domain = assessDomain(model.manifest, slices);
      const said = aggregate(model.manifest, slices);
      const maps = seriesHeatMaps(model.manifest, slices, said.distributions);
      const finish = { task, input, model, seen, domain, ...said, startedAt };
      return this.#finished(finish, maps);
    } catch (error) {
      return failed(asAxialError(error));
    } finally {
      ticket.prepared();
    }
  }

  async #read(task: EngineTask): Promise<{ input: TaskInput; model: InstalledModel }> {
    const bytes = await stored(this.#dependencies.read(task.input));
    const json: unknown = JSON.parse(new TextDecoder().decode(bytes));
    const input = parseAs(TaskInputSchema, json, "blob-corrupt");
    if (input.task !== task.task) {
      throw new AxialError("blob-corrupt", { detail: "the input is another task's" });
    }
    return { input, model: findModel(this.#dependencies.models, input.model) };
  }

  #see(
    { key, lane, isolate }: EngineTask,
    { input, model, ticket, signal }: RunOptions & { input: TaskInput; model: InstalledModel },
  ): Promise<SeenSlices> {
    const slices = input.slices.map(({ blob, frame, kind }) => ({ source: blob, frame, kind }));
    const onPrepared = () => ticket.prepared();
    return this.#dependencies.flow.see({ key, model, lane, isolate, slices, signal, onPrepared });
  }

  /** The result names the heat maps by their hash. */
  #finished(
    finish: Omit<Parameters<typeof taskResult>[0], "provider" | "heatmap">,
    maps: Uint8Array | null,
  ): EngineOutcome {
    const provider = this.#dependencies.device.models[finish.model.index]?.provider ?? "cpu";
    const heatmap = maps === null ? null : (hash("sha256", maps) as BlobKey);
    const result = taskResult({ ...finish, provider, heatmap });
    const bytes = new TextEncoder().encode(JSON.stringify(result));
    return { kind: "done", result: bytes, heatMaps: maps, stages: result.timings };
  }
}

function failed(error: AxialError): EngineOutcome {
  const kind = error.retryable || WORKERS_FAULT.has(error.code) ? "failed" : "refused";
  return { kind, ...error.toJSON() };
}

/** Awaits the blob store; when that fails (a full disk, no answer) the input is not to blame. */
async function stored<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw asAxialError(error, "storage-unavailable");
  }
}
