import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/**
 * What the network does: passes everything, refuses connections, holds every byte back until it
 * passes again, or hands each piece on late.
 */
export type NetworkState = "open" | "refusing" | "holding" | "slow";

/** What each piece waits while the network is slow. */
const SLOW_MS = 120;

/** A network between the services and a server, for tests that cut and delay connections. */
export class TcpProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #state: NetworkState = "open";
  #released = Promise.withResolvers<void>();

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Listens on a free port of `host` and hands on to the port `target` of the loopback interface. */
  static async open(target: number, host = "127.0.0.1"): Promise<TcpProxy> {
    const server = createServer();
    const proxy = new TcpProxy(server);
    server.on("connection", (client) => proxy.#accept(client, target));
    server.listen(0, host);
    await once(server, "listening");
    return proxy;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("the proxy is closed");
    return address.port;
  }

  become(state: NetworkState): void {
    this.#state = state;
    if (state === "refusing") this.cut();
    if (state === "holding") this.#released = Promise.withResolvers();
    else this.#released.resolve();
  }

  /** Breaks every connection; new ones are taken unless the network refuses them. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    this.become("open");
    this.cut();
    this.#server.close();
    await once(this.#server, "close");
  }

  #accept(client: Socket, target: number): void {
    if (this.#state === "refusing") {
      client.resetAndDestroy();
      return;
    }
    const server = connect(target, "127.0.0.1");
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      socket.setNoDelay(true);
      this.#sockets.add(socket);
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
    void this.#pass(client, server);
    void this.#pass(server, client);
  }

  async #pass(from: Socket, to: Socket): Promise<void> {
    try {
      for await (const piece of from) {
        if (this.#state === "slow") await delay(SLOW_MS);
        if (this.#state === "holding") await this.#released.promise;
        if (!to.write(piece)) await once(to, "drain");
      }
      to.end();
    } catch {
      // A broken connection breaks on both sides, as real network proxies do.
      to.destroy();
    }
  }
}
