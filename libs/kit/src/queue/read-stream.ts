import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "../log.ts";
import { GroupCommit } from "../loops/group-commit.ts";
import { WakeUp } from "../loops/wake-up.ts";
import { OutageLog } from "../outage.ts";
import { type Entry, LEASE_MS, type StreamReader } from "./stream-backend.ts";
import type { Message, Reading, ReadOptions } from "./stream-messages.ts";

/** Three renewals per lease. */
const RENEW_EVERY_MS = LEASE_MS / 3;
/** Pause after the backend did not answer. */
const RETRY_MS = 500;

interface ReadStreamRequest {
  readonly reader: StreamReader;
  readonly logger: Logger;
  readonly options: ReadOptions;
  readonly handler: (message: Message) => Promise<void>;
}

/**
 * Takes entries as there is room, and settles finished ones together. An entry whose handler
 * rejects is released: its lease ends, and a reader gets it again.
 */
export class StreamReading implements Reading {
  readonly #request: ReadStreamRequest;
  readonly #outage: OutageLog;
  readonly #held = new Set<Entry>();
  readonly #running = new Set<Promise<void>>();
  readonly #ended = new WakeUp();
  readonly #taking: Promise<void>;
  readonly #renewal: NodeJS.Timeout;
  readonly #settling: GroupCommit<Entry>;
  #closing = false;

  constructor(request: ReadStreamRequest) {
    this.#request = request;
    this.#outage = new OutageLog(request.logger, "queue");
    const all = { maxItems: Number.POSITIVE_INFINITY };
    this.#settling = new GroupCommit(all, (entries) => this.#settle(entries));
    this.#renewal = setInterval(() => void this.#renew(), RENEW_EVERY_MS);
    this.#taking = this.#takeAll();
  }

  async close(): Promise<void> {
    this.#closing = true;
    this.#ended.wake();
    await this.#request.reader.close();
    await this.#taking;
    await Promise.all(this.#running);
    await this.#settling.idle();
    clearInterval(this.#renewal);
  }

  async #takeAll(): Promise<void> {
    const { reader, options } = this.#request;
    while (!this.#closing) {
      const room = options.concurrency - this.#running.size;
      if (room <= 0) {
        await this.#ended.wait(RENEW_EVERY_MS);
        continue;
      }
      try {
        const entries = await reader.take(room);
        this.#outage.worked();
        for (const entry of entries) this.#handle(entry);
      } catch (error) {
        if (this.#closing) return;
        this.#outage.failed(error);
        await delay(RETRY_MS);
      }
    }
  }

  #handle(entry: Entry): void {
    this.#held.add(entry);
    const running = this.#request
      .handler(entry)
      .then(
        () => void this.#settling.submit([entry]),
        (error: unknown) => {
          this.#held.delete(entry);
          this.#request.logger.warn({ err: error, message: entry.id }, "message let go");
        },
      )
      .finally(() => {
        this.#running.delete(running);
        this.#ended.wake();
      });
    this.#running.add(running);
  }

  /** Never rejects: entries that cannot be settled are handed out again and found settled. */
  async #settle(entries: readonly Entry[]): Promise<void> {
    for (;;) {
      try {
        await this.#request.reader.settle(entries.map(({ place }) => place));
        for (const entry of entries) this.#held.delete(entry);
        return;
      } catch (error) {
        this.#outage.failed(error);
        if (this.#closing) return;
        await delay(RETRY_MS);
      }
    }
  }

  async #renew(): Promise<void> {
    if (this.#held.size === 0) return;
    const places = [...this.#held].map(({ place }) => place);
    await this.#request.reader.renew(places).catch((error) => this.#outage.failed(error));
  }
}
