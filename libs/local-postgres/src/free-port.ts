import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/** Below what systems give to connections and to whoever asks for any port at all. */
const FIRST_PORT = 15_000;
const PORTS = 15_000;

/** Every process begins elsewhere: two that look at once find different ports. */
let next = randomInt(PORTS);

/**
 * A TCP port of the loopback interface that nothing listened on a moment ago. Nobody gets it by
 * chance while its server is still starting, or is down for a while.
 */
export async function freePort(): Promise<number> {
  for (let tried = 0; tried < PORTS; tried++) {
    const port = FIRST_PORT + next;
    next = (next + 1) % PORTS;
    if (await isFree(port)) return port;
  }
  throw new Error("no port");
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
