import { once } from "node:events";
import {
  Agent,
  createServer,
  type IncomingMessage,
  request as requestOnward,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";

const HTTP = 8080;

/**
 * The installation's door as clients see it: a port of this machine that leads to the way into the
 * cluster, and counts what comes back.
 */
export class Front {
  /** Answers that were the server's fault, by status and type; and connections that broke. */
  readonly #failures = new Map<string, number>();
  #answered = 0;
  readonly #server: Server;
  readonly #agent = new Agent({ keepAlive: false });
  readonly #target: { readonly address: string; readonly host: string };

  private constructor(target: { address: string; host: string }) {
    this.#target = target;
    this.#server = createServer((request, response) => this.#forward(request, response));
  }

  static async open(target: { address: string; host: string }): Promise<Front> {
    const front = new Front(target);
    front.#server.listen(0, "127.0.0.1");
    await once(front.#server, "listening");
    return front;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** What was the server's fault, and how often; empty if nothing was. */
  get failures(): string {
    return [...this.#failures].map(([what, count]) => `${count} × ${what}`).join(", ");
  }

  get answered(): number {
    return this.#answered;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  #forward(request: IncomingMessage, response: ServerResponse): void {
    const { address, host } = this.#target;
    const { method, url: path, headers } = request;
    const onward = requestOnward(
      {
        ...{ host: address, port: HTTP, agent: this.#agent },
        ...{ method, path, headers: { ...headers, host } },
      },
      (answer) => {
        this.#answered += 1;
        const { statusCode = 0, headers: answered } = answer;
        if (statusCode >= 500) this.#fail(`${statusCode} ${answered["content-type"]}`);
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
        answer.once("error", () => response.destroy());
      },
    );
    onward.once("error", () => {
      // The client hung up, or the door did.
      if (!response.headersSent && !request.destroyed) this.#fail("broken connection");
      response.destroy();
    });
    response.once("close", () => onward.destroy());
    request.pipe(onward);
  }

  #fail(what: string): void {
    this.#failures.set(what, (this.#failures.get(what) ?? 0) + 1);
  }
}
