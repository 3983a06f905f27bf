import {
  AxialError,
  ERROR_CATALOGUE,
  type Failure,
  type InputFigures,
  type Lane,
  type Turn,
} from "@axial/contracts";
import type { DecodeItem, Prepared } from "./decode/messages.ts";
import type { OutputTensor } from "./device/messages.ts";
import type { InstalledModel } from "./installed-models.ts";

type SliceInput = Omit<DecodeItem, "slot">;

/** The slices of one task, to be seen by one model. */
export interface SeeRequest {
  /** Opaque; unique among the tasks at work. */
  readonly key: string;
  readonly model: InstalledModel;
  readonly lane: Lane;
  readonly isolate: boolean;
  readonly slices: readonly SliceInput[];
  /** Aborted with an AxialError when the slices are no longer wanted. */
  readonly signal?: AbortSignal;
  /** Called when the last slice is prepared or none will be any more; a second call is idle. */
  onPrepared?(): void;
}

/** The model's outputs for one slice: one row of each. */
export type SliceOutputs = Readonly<Record<string, OutputTensor>>;
type SeenSlice =
  | {
      readonly outputs: SliceOutputs;
      readonly turn: Turn | null;
      readonly input: InputFigures | null;
    }
  | { readonly outputs: null; readonly failure: Failure };

export interface SeenSlices {
  /** In the order of the request. */
  readonly slices: readonly SeenSlice[];
  readonly batchSizes: readonly number[];
  readonly startedAt: number;
  readonly preparedAt: number;
  readonly lastBatchAt: number;
  readonly endedAt: number;
}

/** The state of one request on its way through decoding and inference. */
export class SliceWork {
  readonly request: SeeRequest;
  readonly promise: Promise<SeenSlices>;
  readonly #seen: (SeenSlice | undefined)[];
  readonly #turns: (Turn | undefined)[] = [];
  readonly #inputs: (InputFigures | undefined)[] = [];
  readonly #batchSizes: number[] = [];
  readonly #startedAt = performance.now();
  readonly #settle: PromiseWithResolvers<SeenSlices>;
  #preparedAt = 0;
  #lastBatchAt = 0;
  #unprepared: number;
  #unseen: number;
  #ended = false;
  /** Index of the first slice that no decode thread has. */
  next = 0;
  /** Its slices share no batch with another task's. */
  alone: boolean;

  constructor(request: SeeRequest) {
    this.request = request;
    this.alone = request.isolate;
    this.#seen = new Array(request.slices.length);
    this.#unprepared = request.slices.length;
    this.#unseen = request.slices.length;
    this.#settle = Promise.withResolvers();
    this.promise = this.#settle.promise;
  }

  /** Failed or complete: later results are dropped. */
  get ended(): boolean {
    return this.#ended;
  }

  get prepared(): boolean {
    return this.#unprepared === 0;
  }

  /** The model sees all slices of the series at once. */
  get whole(): boolean {
    return this.request.model.manifest.aggregation.kind === "in-graph";
  }

  /** Notes that a slice is ready or cannot be: damage skips it, a fault of ours ends all. */
  slicePrepared(index: number, outcome: Prepared): void {
    this.#unprepared--;
    if ("failure" in outcome) {
      const { failure } = outcome;
      if (ERROR_CATALOGUE[failure.code].retryable) this.fail(failure);
      else this.#note(index, { outputs: null, failure });
    } else {
      if (outcome.turn !== null) this.#turns[index] = outcome.turn;
      if (outcome.input !== null) this.#inputs[index] = outcome.input;
    }
    if (!this.prepared) return;
    this.#preparedAt = performance.now();
    this.request.onPrepared?.();
  }

  batchStarted(images: number): void {
    this.#batchSizes.push(images);
    this.#lastBatchAt = performance.now();
  }

  sliceSeen(index: number, outputs: SliceOutputs): void {
    const [turn, input] = [this.#turns[index] ?? null, this.#inputs[index] ?? null];
    this.#note(index, { outputs, turn, input });
  }

  #note(index: number, slice: SeenSlice): void {
    this.#seen[index] = slice;
    this.#unseen--;
    if (this.#unseen === 0 && !this.#ended) this.#complete();
  }

  fail({ code, detail }: Failure): void {
    if (this.#ended) return;
    this.#ended = true;
    this.request.onPrepared?.();
    this.#settle.reject(new AxialError(code, detail === undefined ? {} : { detail }));
  }

  #complete(): void {
    this.#ended = true;
    const endedAt = performance.now();
    this.#settle.resolve({
      slices: this.#seen.filter((slice) => slice !== undefined),
      batchSizes: this.#batchSizes,
      startedAt: this.#startedAt,
      preparedAt: this.#preparedAt || endedAt,
      lastBatchAt: this.#lastBatchAt || endedAt,
      endedAt,
    });
  }
}
