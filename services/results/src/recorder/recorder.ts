import { setTimeout as delay } from "node:timers/promises";
import type { BlobStore } from "@axial/blobs";
import {
  type Failure,
  isAuthentic,
  matches,
  RESULTS_STREAM,
  type SignedMessage,
  SignedMessageSchema,
} from "@axial/contracts";
import { type Logger, type Message, OutageLog } from "@axial/kit";
import { GroupCommit } from "@axial/kit/loops";
import type { Dependencies } from "../dependencies.ts";
import { type AttemptName, readAttempt } from "./attempt-message.ts";
import { type ReadMessage, type RecordDependencies, recordBatch } from "./record-batch.ts";

/** Messages of one transaction. */
const MAX_BATCH = 64;
/** Messages held at once: the next batch is read and waits while one is being written. */
const MAX_HELD = 2 * MAX_BATCH;
/**
 * Longest that results other than STAT's wait for others to be committed with (decision 16). A
 * transaction costs some 5 ms of processor time on all sides, whether it records one or ten.
 */
const PACE_MS = 250;
/**
 * Below what the smallest window keeps ready beside it: no worker waits for these to be counted.
 */
const WORTHWHILE_BATCH = 8;
/** Pause between tries to read a result while the blob store does not answer. */
const BLOB_PAUSE_MS = 250;
/** A result that cannot be read for this long is a failed attempt; its inference is repeated. */
const BLOB_DEADLINE_MS = 60_000;

type RecorderDependencies = Pick<
  Dependencies,
  "db" | "queues" | "blobs" | "metrics" | "models" | "outcomeKeys" | "logger" | "tracing"
>;

export interface Recorder {
  /** Takes no new messages and resolves once those taken are recorded. */
  close(): Promise<void>;
}

/**
 * Reads the stream of results and commits their effects. A message leaves the stream only after its
 * transaction; a duplicate finds its attempt settled and changes nothing.
 */
export function startRecorder(dependencies: RecorderDependencies): Recorder {
  const { db, queues, blobs, metrics, models, outcomeKeys, tracing } = dependencies;
  const logger = dependencies.logger.child({ component: "recorder" });
  const closing = new AbortController();
  const forBatches: RecordDependencies = {
    db,
    blobs,
    metrics,
    models,
    logger,
    tracing,
    outage: new OutageLog(logger, "database"),
    closing: closing.signal,
  };
  const pace = { maxItems: MAX_BATCH, paceMs: PACE_MS, worthwhile: WORTHWHILE_BATCH };
  const commit = new GroupCommit<ReadMessage>(pace, (batch) => recordBatch(batch, forBatches));
  if (outcomeKeys.length === 0) {
    logger.warn("anyone who can write to the queue can report outcomes: set AXIAL_OUTCOME_KEYS");
  }
  const trusted = (message: SignedMessage) => {
    if (outcomeKeys.length === 0 || isAuthentic(message, outcomeKeys)) return true;
    metrics.outcomesForged.inc();
    return false;
  };
  const reader = new MessageReader(blobs, { logger, trusted, closing: closing.signal });
  const reading = queues.streams.read(
    RESULTS_STREAM,
    { concurrency: MAX_HELD },
    async (message) => {
      const read = await reader.read(message);
      if (read !== null) await commit.submit([read], { urgent: isUrgent(read) });
    },
  );
  return {
    close: () => {
      closing.abort();
      return reading.close();
    },
  };
}

/** A message without a lane does not wait. */
function isUrgent(read: ReadMessage): boolean {
  return read.kind !== "worker" && (read.message.lane ?? "stat") === "stat";
}

interface Reading {
  readonly logger: Logger;
  /** Whether a worker of the pool signed the message. */
  readonly trusted: (message: SignedMessage) => boolean;
  readonly closing: AbortSignal;
}

/** Turns a message into an attempt to record, waiting while the blob store does not answer. */
class MessageReader {
  readonly #blobs: BlobStore;
  readonly #logger: Logger;
  readonly #trusted: Reading["trusted"];
  readonly #closing: AbortSignal;
  readonly #outage: OutageLog;

  constructor(blobs: BlobStore, { logger, trusted, closing }: Reading) {
    this.#blobs = blobs;
    this.#logger = logger;
    this.#trusted = trusted;
    this.#closing = closing;
    this.#outage = new OutageLog(logger, "blob store");
  }

  /**
   * Null for a malformed message and for one that no worker of the pool signed: it is logged and
   * dropped, and the reconciler dispatches its task again where it was a true one.
   */
  async read({ id, data: message }: Message): Promise<ReadMessage | null> {
    if (!matches(SignedMessageSchema, message)) {
      this.#logger.error({ message: id }, "not a result message");
      return null;
    }
    if (!this.#trusted(message)) {
      this.#logger.error({ message: id }, "no worker of the pool signed this message");
      return null;
    }
    if (message.kind === "worker") return { kind: "worker", said: message };
    const deadline = Date.now() + BLOB_DEADLINE_MS;
    for (;;) {
      try {
        const attempt = await readAttempt(message, this.#blobs);
        this.#outage.worked();
        return attempt;
      } catch (error) {
        this.#outage.failed(error);
        if (this.#closing.aborted) throw error;
        if (Date.now() > deadline) return unreadable(message);
        await delay(BLOB_PAUSE_MS);
      }
    }
  }
}

function unreadable(message: AttemptName): ReadMessage {
  const failure: Failure = { code: "blob-missing", detail: "the blob store returned no result" };
  return { kind: "failed", message, failure, crashed: false };
}
