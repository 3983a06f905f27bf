import type { FromEngine } from "../protocol.ts";

/** Sends what one turn of the event loop has to say as one message. */
export class Outbox {
  readonly #send: (messages: readonly FromEngine[]) => void;
  #messages: FromEngine[] = [];

  constructor(send: (messages: readonly FromEngine[]) => void) {
    this.#send = send;
  }

  say(message: FromEngine): void {
    if (this.#messages.length === 0) setImmediate(() => this.#flush());
    this.#messages.push(message);
  }

  #flush(): void {
    const messages = this.#messages;
    this.#messages = [];
    if (messages.length > 0) this.#send(messages);
  }
}
