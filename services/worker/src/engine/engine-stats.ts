import { monitorEventLoopDelay } from "node:perf_hooks";
import type { ErrorCode } from "@axial/contracts";
import type { BatchCount, EngineCounts } from "../protocol.ts";

const NANOSECONDS_PER_MILLISECOND = 1e6;
const LOOP_RESOLUTION_MS = 20;

/** Counts what the engine did; the supervisor turns the counts into metrics. */
export class EngineStats {
  readonly #loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
  #batches = new Map<string, BatchCount>();
  #skipped: Record<string, number> = {};
  #running = 0;
  #ended = 0;

  constructor() {
    this.#loop.enable();
  }

  batchStarted(): void {
    this.#running++;
  }

  batchEnded(): void {
    this.#running--;
    this.#ended++;
  }

  batchRan(model: string, { images, limitedBy }: { images: number; limitedBy: string }): void {
    const key = `${model} ${limitedBy}`;
    const count = this.#batches.get(key) ?? { model, limitedBy, batches: 0, images: 0 };
    count.batches++;
    count.images += images;
    this.#batches.set(key, count);
  }

  skipped(code: ErrorCode): void {
    this.#skipped[code] = (this.#skipped[code] ?? 0) + 1;
  }

  /** What happened since the last call. */
  take(): EngineCounts {
    const counts: EngineCounts = {
      batches: [...this.#batches.values()],
      batchesRunning: this.#running,
      batchesEnded: this.#ended,
      skipped: this.#skipped,
      eventLoopDelayMs: this.#loop.percentile(99) / NANOSECONDS_PER_MILLISECOND,
    };
    this.#batches = new Map();
    this.#skipped = {};
    this.#ended = 0;
    this.#loop.reset();
    return counts;
  }

  close(): void {
    this.#loop.disable();
  }
}
