import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";

/** A way to a server that breaks in the middle of what the server says. */
export interface CuttingProxy {
  readonly port: number;
  /** Connections that were cut so far. */
  readonly cuts: number;
  /** Each of the next `connections` breaks after it has brought `bytes`. */
  cut(connections: number, bytes: number): void;
  close(): Promise<void>;
}

/** Listens on a free port and hands on to `target`, a port of this machine. */
export async function openCuttingProxy(target: number): Promise<CuttingProxy> {
  let left = 0;
  let limit = 0;
  let cuts = 0;
  const server = createServer((client) => {
    const upstream = connect(target, "127.0.0.1");
    let brought = 0;
    client.on("error", () => upstream.destroy());
    client.on("close", () => upstream.destroy());
    upstream.on("error", () => client.destroy());
    upstream.on("close", () => client.end());
    client.on("data", (piece) => upstream.write(piece));
    upstream.on("data", (piece: Buffer) => {
      brought += piece.length;
      if (left > 0 && brought > limit) {
        left -= 1;
        cuts += 1;
        client.resetAndDestroy();
        upstream.destroy();
      } else client.write(piece);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    get cuts() {
      return cuts;
    },
    cut: (connections, bytes) => {
      left = connections;
      limit = bytes;
    },
    close: async () => {
      server.close();
      await once(server, "close");
    },
  };
}
