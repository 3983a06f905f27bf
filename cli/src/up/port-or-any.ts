import { createServer } from "node:net";

/**
 * `port` when it is free on `host`, else 0 (any): a demo must not fail because the port is taken.
 */
export function portOrAny(host: string, port: number): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(0));
    server.listen(port, host, () => server.close(() => resolve(port)));
  });
}
