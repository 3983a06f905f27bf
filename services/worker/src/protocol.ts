import type { AttemptOutcome, BlobKey, Failure, Lane, TaskId } from "@axial/contracts";
import type { Provider, RunningProvider } from "@axial/inference";

/** How one model shares the device with others, and how its batches are formed. */
export interface ModelTuning {
  /** Share of the device among models that have work; 1 by default. */
  readonly weight?: number;
  /** A batch that is not full waits this long for more; 0 by default. */
  readonly delayMs?: number;
  /** Images of one batch, in place of the engine's own number. */
  readonly batchImages?: number;
}

/** How an engine runs, whatever models it serves. */
export interface EngineSettings {
  readonly blobUrl: string;
  readonly providers: readonly Provider[];
  readonly device: number;
  /** Folder in which TensorRT keeps what it built; null for none. */
  readonly tensorrtCache: string | null;
  /** Threads of one inference session, on the CPU; 0: what the sessions leave for each. */
  readonly sessionThreads: number;
  /** Sessions that run batches side by side; 0: as many as suit the machine and the models. */
  readonly sessions: number;
  /** CPUs that the process may use. */
  readonly cpus: number;
  readonly decodeThreads: number;
  readonly batchImages: number;
  readonly batchBytes: number;
  /** Decoded pixels that may wait for the device, per model. */
  readonly arenaBytes: number;
  /** By model id. */
  readonly models: Readonly<Record<string, ModelTuning>>;
}

/** All settings of an engine; it does not read its environment. */
export interface EngineConfig extends EngineSettings {
  /** Folders of the model packages that it serves. */
  readonly packages: readonly string[];
}

/** One attempt, as the supervisor hands it to the engine. `key` is the queue's job id. */
export interface EngineTask {
  readonly key: string;
  readonly task: TaskId;
  readonly input: BlobKey;
  readonly lane: Lane;
  readonly isolate: boolean;
}

/** Milliseconds on the critical path of a task; they add up to its time in the engine. */
interface StageMilliseconds {
  readonly decode: number;
  readonly batchWait: number;
  readonly infer: number;
  readonly total: number;
}

/**
 * How an attempt ended. One that is done brings its result and heat maps for the supervisor to
 * store, because the engine only reads blobs, and says where its time went.
 */
export type EngineOutcome =
  | {
      readonly kind: "done";
      /** UTF-8 of a TaskResult; it names the heat maps by their SHA-256. */
      readonly result: Uint8Array;
      readonly heatMaps: Uint8Array | null;
      readonly stages: StageMilliseconds;
    }
  | Exclude<AttemptOutcome, { kind: "done" }>;

export interface ReadyModel {
  readonly id: string;
  readonly version: string;
  readonly provider: RunningProvider;
  /** Largest deviation from the golden outputs. */
  readonly goldenWorst: number;
}

/** Counts since the last report. */
export interface EngineCounts {
  readonly batches: readonly BatchCount[];
  /** On the device now. */
  readonly batchesRunning: number;
  /** That ran or failed. */
  readonly batchesEnded: number;
  readonly skipped: Readonly<Record<string, number>>;
  /** 99th percentile of the event loop's delay. */
  readonly eventLoopDelayMs: number;
}

export interface BatchCount {
  readonly model: string;
  readonly limitedBy: string;
  batches: number;
  images: number;
}

/** Why a batch was not larger. */
export const BATCH_LIMITS = ["full", "nothing-ready", "alone", "memory", "stat"] as const;
export type BatchLimit = (typeof BATCH_LIMITS)[number];

export type ToEngine =
  | { readonly kind: "start"; readonly config: EngineConfig }
  | { readonly kind: "task"; readonly task: EngineTask }
  /** The task is withdrawn: answers `withdrawn` and drops what has not started. */
  | { readonly kind: "withdraw"; readonly key: string }
  /** Answers `shutting-down` for what has not begun; what has begun is finished. */
  | { readonly kind: "drain" };

/**
 * What the engine says. Messages of one turn of its event loop travel together, so a task costs
 * about one message. `begun` lets the supervisor know, when the engine dies, which tasks it was
 * working on; a beat, whether batches still end.
 */
export type FromEngine =
  | {
      readonly kind: "ready";
      readonly models: readonly ReadyModel[];
      /** Notes for operators although it serves. */
      readonly notes: readonly string[];
    }
  | { readonly kind: "unready"; readonly failures: readonly Failure[] }
  | { readonly kind: "begun"; readonly key: string }
  | { readonly kind: "outcome"; readonly key: string; readonly outcome: EngineOutcome }
  | { readonly kind: "beat"; readonly counts: EngineCounts };

/** How often the engine's main thread says that it lives. */
export const BEAT_EVERY_MS = 500;
