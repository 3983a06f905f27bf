import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** The hospital's end of the webhooks: takes every delivery and remembers its id. */
export interface Receiver {
  readonly url: string;
  /** How often each delivery came: more than once when its sender died before it knew. */
  readonly received: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

/** Starts it on a free port of this address. */
export async function startReceiver(host: string): Promise<Receiver> {
  const received = new Map<string, number>();
  const server = createServer((request, response) => {
    const id = String(request.headers["webhook-id"]);
    received.set(id, (received.get(id) ?? 0) + 1);
    request.resume().on("end", () => response.writeHead(204).end());
  });
  server.listen(0, host);
  await once(server, "listening");
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}/`,
    received,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
