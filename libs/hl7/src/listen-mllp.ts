import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { FrameReader, frame } from "./frames.ts";
import { dateTime, type Message, readMessage, writeMessage } from "./message.ts";

/** Interface engines open one connection for each feed and keep it. */
const MAX_CONNECTIONS = 32;
/** An order is a few kilobytes; one with notes some hundred. */
const MAX_MESSAGE_BYTES = 1024 * 1024;
/** A feed may be silent for a night; a connection that says nothing for longer is closed. */
const IDLE_MS = 24 * 3_600_000;

/** MSA-1 (table 0008): taken; not now, send it again; never. */
export interface Acknowledgement {
  readonly code: "AA" | "AE" | "AR";
  /** ERR-8, for people; holds nothing of the message. */
  readonly text?: string;
}

export interface MllpServerOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Messages of one connection in sequence; never rejects. */
  handle(message: Message): Promise<Acknowledgement>;
  trouble(error: Error): void;
}

export interface MllpServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Takes messages over MLLP and acknowledges each (chapter 2, 2.9.2). Rejects when the port is taken. */
export async function listenMllp(options: MllpServerOptions): Promise<MllpServer> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    serve(socket, options).catch((error: Error) => {
      socket.destroy();
      options.trouble(error);
    });
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.listen(options.port, options.host);
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = once(server, "close");
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

async function serve(socket: Socket, { handle }: MllpServerOptions): Promise<void> {
  const reader = new FrameReader(MAX_MESSAGE_BYTES);
  socket.setTimeout(IDLE_MS, () => socket.destroy());
  for await (const chunk of socket) {
    for (const text of reader.push(chunk as Buffer)) {
      const message = readMessage(text);
      const answer =
        message === null
          ? { code: "AR" as const, text: "not a message of HL7 v2 with the usual delimiters" }
          : await handle(message);
      socket.write(frame(acknowledge(message, answer)));
    }
  }
}

/** ACK for a message: the roles of its header change (2.15.9). */
function acknowledge(message: Message | null, { code, text }: Acknowledgement): string {
  const field = (number: number) => message?.text("MSH", number) ?? null;
  const event = message?.text("MSH", 9, 2) ?? null;
  const controlId = field(10);
  return writeMessage([
    {
      name: "MSH",
      fields: [
        ...[field(5), field(6), field(3), field(4), dateTime(new Date()), null],
        ...[["ACK", event, "ACK"], controlId ?? "0", field(11) ?? "P", field(12) ?? "2.5.1"],
      ],
    },
    { name: "MSA", fields: [code, controlId] },
    ...(text === undefined
      ? []
      : [{ name: "ERR", fields: [null, null, "207", "E", null, null, null, text] }]),
  ]);
}
