import { randomInt } from "node:crypto";
import { createServer, type Server } from "node:net";

/** Below the range for outgoing connections and for port 0. */
const FIRST_PORT = 15_000;
const BLOCKS = 150;
const BLOCK_SIZE = 100;

const ports = freePorts();

/**
 * A TCP port of the loopback interface that nothing listens on. It stays reserved while its server
 * starts or is down for a while: neither this process nor another caller gets it again.
 */
export async function freePort(): Promise<number> {
  const { value } = await ports.next();
  if (value === undefined) throw new Error("no port is free");
  return value;
}

/**
 * A process claims blocks of ports: it listens on the first of each for as long as it lives, which
 * the system allows to one only. The others of the block are for its servers.
 */
async function* freePorts(): AsyncGenerator<number, undefined> {
  const begin = randomInt(BLOCKS);
  for (let turn = 0; turn < BLOCKS; turn++) {
    const claim = FIRST_PORT + ((begin + turn) % BLOCKS) * BLOCK_SIZE;
    const server = await listen(claim);
    if (server === null) continue;
    server.unref();
    for (let port = claim + 1; port < claim + BLOCK_SIZE; port++) {
      if (await isFree(port)) yield port;
    }
  }
  return undefined;
}

async function isFree(port: number): Promise<boolean> {
  const server = await listen(port);
  if (server === null) return false;
  await new Promise((resolve) => server.close(resolve));
  return true;
}

/** Null where something is listening already. */
function listen(port: number): Promise<Server | null> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.once("error", () => resolve(null));
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}
