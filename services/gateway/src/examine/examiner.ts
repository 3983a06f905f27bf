import { availableParallelism } from "node:os";
import type { TenantId } from "@axial/contracts";
import { type DicomInstance, readQuickly } from "@axial/dicom";
import { TenantThreads } from "@axial/imaging";
import type { TagSnapshot } from "@axial/store/ingest";
import { type Examination, examine } from "./examine.ts";
import type { ExamineCommand, ThreadExamination } from "./examine-thread.ts";
import { seriesTags, studyTags } from "./tag-snapshot.ts";

const SCRIPT = new URL("./examine-thread.ts", import.meta.url);

/** One core stays with the event loop. */
const THREADS = Math.max(1, Math.min(2, availableParallelism() - 1));
/** Half a million elements take about one second. */
const TIMEOUT_MS = 30_000;
/** Each request has one instance examined at a time: so many requests of one tenant. */
const MAX_WAITING_EACH = 256;

/** A file, or its first bytes, and whose it is. */
export interface ExaminedFile {
  readonly tenant: TenantId;
  readonly bytes: Buffer;
  readonly complete: boolean;
}

/**
 * Reads what ingest needs of instances: ordinary ones at once, and those that would hold up the
 * event loop (deflated, or with very many elements) in threads, tenants in turns.
 */
export class Examiner {
  readonly #threads = new TenantThreads<ExamineCommand, ThreadExamination>(SCRIPT, {
    threads: THREADS,
    timeoutMs: TIMEOUT_MS,
    maxWaitingEach: MAX_WAITING_EACH,
  });

  /**
   * Rejects with the error in the file, with `decode-timeout`, `too-busy` or `shutting-down`.
   */
  async examine({ tenant, bytes, complete }: ExaminedFile): Promise<Examined> {
    const instance = readQuickly(bytes, { untilPixelData: !complete });
    if (instance !== null) return examinedAtOnce(instance);
    const copied = (): ExamineCommand => ({ bytes: new Uint8Array(bytes), complete });
    const read = await this.#threads.run(tenant, copied);
    return {
      ...read,
      studyTags: () => read.studyTags,
      seriesTags: () => read.seriesTags,
      slow: true,
    };
  }

  close(): Promise<void> {
    return this.#threads.close();
  }
}

/** Tags of study and series are asked for once per request. */
export interface Examined extends Examination {
  readonly studyTags: () => TagSnapshot;
  readonly seriesTags: () => TagSnapshot;
  /** A thread was needed. */
  readonly slow: boolean;
}

function examinedAtOnce(instance: DicomInstance): Examined {
  const { dataset } = instance;
  return {
    ...examine(instance),
    studyTags: () => studyTags(dataset),
    seriesTags: () => seriesTags(dataset),
    slow: false,
  };
}
