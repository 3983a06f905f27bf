import type { Logger } from "../log.ts";
import { answered } from "./answered.ts";
import { assertSmall } from "./assert-small.ts";
import { StreamReading } from "./read-stream.ts";
import type { StreamBackend } from "./stream-backend.ts";
import type { Message, NewMessage, Reading, ReadOptions } from "./stream-messages.ts";

/** Streams of messages on how jobs ended; like the jobs, they may be lost (decision 17). */
export interface Streams {
  /**
   * Appends messages to a stream; those marked `first` go ahead of all others. Rejects within
   * seconds when the queue does not answer.
   */
  append(stream: string, messages: readonly NewMessage[]): Promise<void>;
  /**
   * Reads a stream, shared with other readers. A handler that resolves removes the message; one
   * that rejects leaves it to be redelivered within seconds, as are those of a lost reader.
   */
  read(stream: string, options: ReadOptions, handler: (message: Message) => Promise<void>): Reading;
  /** Ids of the messages still on a stream, at the cost of reading it once. */
  unsettled(stream: string): Promise<ReadonlySet<string>>;
}

/** Streams over one backend, which implements what differs between Redis and PostgreSQL. */
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
