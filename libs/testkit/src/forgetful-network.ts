import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A network between client and server that can silently lose what connections carry. */
export interface ForgetfulNetwork {
  readonly port: number;
  /** From now on existing connections lose every byte; new ones work. */
  forget(): void;
  close(): Promise<void>;
}

export async function openForgetfulNetwork(target: number): Promise<ForgetfulNetwork> {
  const connections = new Set<{ lost: boolean; readonly ends: readonly Socket[] }>();
  const server = createServer((client) => {
    const upstream = connect(target, "127.0.0.1");
    const connection = { lost: false, ends: [client, upstream] };
    connections.add(connection);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      from.on("data", (piece) => connection.lost || to.write(piece));
      from.on("error", () => to.destroy());
      from.on("close", () => to.destroy());
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    forget: () => {
      for (const connection of connections) connection.lost = true;
    },
    close: async () => {
      for (const { ends } of connections) for (const end of ends) end.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
