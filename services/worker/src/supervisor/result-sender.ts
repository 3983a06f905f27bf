import { setTimeout as delay } from "node:timers/promises";
import {
  RESULTS_STREAM,
  type ResultMessage,
  resultMessageId,
  type Signer,
  signMessage,
} from "@axial/contracts";
import type { NewMessage, Streams } from "@axial/kit";
import { GroupCommit } from "@axial/kit/loops";

/** A queue that is down is tried again until then; after that the reconciler takes over. */
const GIVE_UP_AFTER_MS = 60_000;
const RETRY_MS = 250;
const MAX_BATCH = 200;

/**
 * Appends messages to the stream of results: whatever came while the last batch was on its way
 * goes together. A message names its attempt, so sending twice is harmless.
 */
export class ResultSender {
  readonly #streams: Pick<Streams, "append">;
  readonly #signer: Signer | null;
  readonly #commit: GroupCommit<NewMessage>;

  /** Without a signer messages go unsigned. */
  constructor(streams: Pick<Streams, "append">, signer: Signer | null) {
    this.#streams = streams;
    this.#signer = signer;
    this.#commit = new GroupCommit({ maxItems: MAX_BATCH }, (batch) => this.#append(batch));
  }

  /** Resolves when the queue has it; `first` puts it before the messages that wait there. */
  async send(message: ResultMessage, { first = false } = {}): Promise<void> {
    const data = this.#signer === null ? message : signMessage(message, this.#signer);
    await this.#commit.submit([{ id: resultMessageId(message), data, first }]);
  }

  async #append(messages: readonly NewMessage[]): Promise<void> {
    const deadline = Date.now() + GIVE_UP_AFTER_MS;
    for (;;) {
      try {
        return await this.#streams.append(RESULTS_STREAM, messages);
      } catch (error) {
        if (Date.now() > deadline) throw error;
        await delay(RETRY_MS);
      }
    }
  }
}
