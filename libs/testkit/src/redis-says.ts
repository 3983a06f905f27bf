import { once } from "node:events";
import { connect } from "node:net";

/** A command as an operator would type it. Rejects with Redis' answer unless that is OK. */
export async function redisSays(url: string, command: string): Promise<void> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port || 6379), hostname);
  try {
    socket.write(`${command}\r\n`);
    const [answer] = await once(socket, "data");
    if (!String(answer).includes("OK")) throw new Error(`${command}: ${answer}`);
  } finally {
    socket.destroy();
  }
}
