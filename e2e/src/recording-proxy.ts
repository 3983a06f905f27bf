import { createServer, request as httpRequest, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** One exchange between a client and the service behind the proxy. */
interface Recorded {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly status: number;
  readonly answerType: string;
}

export interface RecordingProxy {
  readonly url: string;
  readonly recorded: readonly Recorded[];
  close(): Promise<void>;
}

/** Forwards every request to `target` unchanged and records the exchange. */
export async function startRecordingProxy(target: string): Promise<RecordingProxy> {
  const recorded: Recorded[] = [];
  const server = createServer((incoming, outgoing) => {
    const { method = "", url = "", headers } = incoming;
    const onwards = httpRequest(new URL(url, target), { method, headers }, (answer) => {
      const status = answer.statusCode ?? 0;
      const answerType = answer.headers["content-type"] ?? "";
      recorded.push({ method, path: url, headers, status, answerType });
      outgoing.writeHead(status, answer.headers);
      answer.pipe(outgoing);
    });
    onwards.on("error", (error) => outgoing.destroy(error));
    incoming.pipe(onwards);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    recorded,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
