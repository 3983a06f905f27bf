import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { UnsteadyNetwork } from "./unsteady-network.ts";

/** Of a hundred webhooks so many are answered with each of these, while the receiver is unreliable. */
const MISTAKES = [
  [0.08, 500],
  [0.04, 404],
  [0.04, 302],
  // Read, and the connection ends without an answer.
  [0.08, "cut"],
] as const;

/** The hospital's end of the webhooks: takes deliveries and remembers their ids. */
export interface Receiver {
  readonly url: string;
  /** How often each delivery was taken: more than once when its sender did not get to know. */
  readonly received: ReadonlyMap<string, number>;
  /** From now on it takes everything at once. */
  recover(): Promise<void>;
  close(): Promise<void>;
}

interface ReceiverOptions {
  /** The address of this process as the services reach it. */
  readonly host: string;
  readonly random: () => number;
}

/** Starts one that is away, slow and mistaken at random. */
export async function startReceiver({ host, random }: ReceiverOptions): Promise<Receiver> {
  const received = new Map<string, number>();
  let unreliable = true;
  const server = createServer((request, response) => {
    const mistake = unreliable ? drawn(random) : null;
    request.resume().on("end", () => {
      if (mistake !== null) answerWrongly(mistake, request, response);
      else {
        const id = String(request.headers["webhook-id"]);
        received.set(id, (received.get(id) ?? 0) + 1);
        response.writeHead(204).end();
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const target = (server.address() as AddressInfo).port;
  const network = await UnsteadyNetwork.open({ target, host, random });
  return {
    url: `http://${host}:${network.port}/`,
    received,
    recover: async () => {
      unreliable = false;
      await network.recover();
    },
    close: async () => {
      await network.close();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

type Mistake = (typeof MISTAKES)[number][1];

function drawn(random: () => number): Mistake | null {
  let left = random();
  for (const [share, mistake] of MISTAKES) {
    if (left < share) return mistake;
    left -= share;
  }
  return null;
}

function answerWrongly(mistake: Mistake, request: IncomingMessage, response: ServerResponse): void {
  if (mistake === "cut") request.socket.destroy();
  else response.writeHead(mistake, { location: "http://127.0.0.1:1/" }).end();
}
