import type { Logger } from "../log.ts";
import { answered } from "./answered.ts";
import { assertSmall } from "./assert-small.ts";
import { StreamReading } from "./read-stream.ts";
import type { StreamBackend } from "./stream-backend.ts";
import type { Message, NewMessage, Reading, ReadOptions } from "./stream-messages.ts";

/** Streams of messages on how jobs ended: as losable as the jobs (decision 17). */
export interface Streams {
  /**
   * Appends messages to a stream, those that go first before all others; rejects within seconds
   * when it does not answer.
   */
  append(stream: string, messages: readonly NewMessage[]): Promise<void>;
  /**
   * Reads a stream, with others that do. A handler that resolves removes the message, one that
   * rejects leaves it: it is handed out again within seconds, as are those of a lost reader.
   */
  read(stream: string, options: ReadOptions, handler: (message: Message) => Promise<void>): Reading;
  /** Ids of the messages of a stream that are not removed yet, at the cost of reading it once. */
  unsettled(stream: string): Promise<ReadonlySet<string>>;
}

/** Streams over one backend, which says what Redis and PostgreSQL do differently. */
export class BackendStreams implements Streams {
  readonly #backend: StreamBackend;
  readonly #logger: Logger;
  readonly #readings = new Set<Reading>();

  constructor(backend: StreamBackend, logger: Logger) {
    this.#backend = backend;
    this.#logger = logger;
  }

  async append(stream: string, messages: readonly NewMessage[]): Promise<void> {
    if (messages.length === 0) return;
    for (const message of messages) assertSmall(stream, message);
    await answered(this.#backend.append(stream, messages));
  }

  read(
    stream: string,
    options: ReadOptions,
    handler: (message: Message) => Promise<void>,
  ): Reading {
    const reader = this.#backend.reader(stream);
    const logger = this.#logger.child({ stream });
    const opened = new StreamReading({ reader, logger, options, handler });
    const reading: Reading = {
      close: async () => {
        this.#readings.delete(reading);
        await opened.close();
      },
    };
    this.#readings.add(reading);
    return reading;
  }

  unsettled(stream: string): Promise<ReadonlySet<string>> {
    return answered(this.#backend.unsettled(stream));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#readings].map((reading) => reading.close()));
  }
}
