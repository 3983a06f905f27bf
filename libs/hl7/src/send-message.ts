import { connect as connectPlain, type LookupFunction, type Socket } from "node:net";
import { connect as connectSecure } from "node:tls";
import { AxialError } from "@axial/contracts";
import { FrameReader, frame } from "./frames.ts";
import { readMessage } from "./message.ts";

/** An acknowledgement is a few hundred bytes. */
const MAX_ACKNOWLEDGEMENT_BYTES = 64 * 1024;

export interface Receiver {
  readonly host: string;
  readonly port: number;
  /** PEM; without it the connection is not encrypted. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  /** Resolves names; decides which addresses may be reached. */
  readonly lookup?: LookupFunction;
}

/**
 * Sends a message over MLLP and waits for its acknowledgement (chapter 2, 2.9.2). Resolves when it
 * is accepted: AA, or CA. Rejects with `peer-unreachable` where no answer comes in `timeoutMs`, or
 * the receiver asks for it again (AE, CE), and with `peer-refused` where it is rejected (AR, CR).
 */
export async function sendMessage(
  receiver: Receiver,
  { message, controlId, timeoutMs }: Sent,
): Promise<void> {
  const answer = await exchange(receiver, message, timeoutMs).catch((error: unknown) => {
    const { code, message: text } = error as NodeJS.ErrnoException;
    throw new AxialError("peer-unreachable", { detail: code ?? text, cause: error });
  });
  const acknowledgement = readMessage(answer);
  const code = acknowledgement?.text("MSA", 1) ?? null;
  if (acknowledgement === null || code === null) {
    throw new AxialError("peer-refused", { detail: "the answer is no acknowledgement" });
  }
  if (acknowledgement.text("MSA", 2) !== controlId) {
    throw new AxialError("peer-refused", { detail: "the acknowledgement is of another message" });
  }
  if (code === "AA" || code === "CA") return;
  const later = code === "AE" || code === "CE";
  throw new AxialError(later ? "peer-unreachable" : "peer-refused", {
    detail: `the receiver acknowledged with ${code.slice(0, 2)}`,
  });
}

interface Sent {
  readonly message: string;
  /** MSH-10 of the message. */
  readonly controlId: string;
  readonly timeoutMs: number;
}

function exchange(receiver: Receiver, message: string, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = open(receiver);
    const reader = new FrameReader(MAX_ACKNOWLEDGEMENT_BYTES);
    const timer = setTimeout(() => socket.destroy(new Error("no answer in time")), timeoutMs);
    const secured = receiver.tls === undefined ? "connect" : "secureConnect";
    socket.once(secured, () => socket.write(frame(message)));
    socket.on("data", (chunk: Buffer) => {
      try {
        const [answer] = reader.push(chunk);
        if (answer === undefined) return;
        resolve(answer);
        socket.end();
      } catch (error) {
        socket.destroy(error as Error);
      }
    });
    socket.on("error", reject);
    socket.on("close", () => {
      clearTimeout(timer);
      reject(new Error("the connection ended before the acknowledgement"));
    });
  });
}

function open({ host, port, tls, lookup }: Receiver): Socket {
  const address = { host, port, ...(lookup === undefined ? {} : { lookup }) };
  if (tls === undefined) return connectPlain(address);
  return connectSecure({ ...address, ...tls, servername: host, minVersion: "TLSv1.2" });
}
