import { createServer, request as httpRequest, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { readInstance, Tag } from "@axial/dicom";
import { receivedParts } from "../stow.ts";

const STORED_STATUSES: ReadonlySet<number> = new Set([200, 202]);

type Held = "half" | "answer";

interface Hold {
  readonly where: Held;
  readonly held: (release: () => void) => void;
}

/** What a client sent by STOW-RS, instance by instance. */
export interface StoreLedger {
  readonly url: string;
  /** Requests that each SOP Instance UID was in. */
  readonly sent: ReadonlyMap<string, number>;
  /** Instances that were sent once more after the server had said that it has them. */
  readonly needless: readonly string[];
  /** Instances of the largest request. */
  readonly largest: number;
  /**
   * Holds the next store request when half of it has gone on, or its answer. Resolves once it is
   * held, with what lets it go.
   */
  hold(where: Held): Promise<() => void>;
  close(): Promise<void>;
}

/**
 * A way to `target` that keeps account of the instances in STOW-RS requests. A connection that
 * breaks on one side breaks on the other.
 */
export async function openStoreLedger(target: string): Promise<StoreLedger> {
  const sent = new Map<string, number>();
  const stored = new Set<string>();
  const needless: string[] = [];
  let largest = 0;
  let hold: Hold | null = null;
  /** Resolves at once, or when what was asked to be held may go. */
  const passed = async (where: Held): Promise<void> => {
    if (hold?.where !== where) return;
    const { held } = hold;
    hold = null;
    await new Promise<void>((release) => held(release));
  };
  const server = createServer(async (incoming, outgoing) => {
    const { method = "", url = "", headers } = incoming;
    const onwards = httpRequest(new URL(url, target), { method, headers });
    outgoing.on("close", () => onwards.destroy());
    onwards.on("error", () => outgoing.destroy());
    const isStore = method === "POST" && url.startsWith("/dicom-web/studies");
    const instances: string[] = [];
    onwards.on("response", async (answer) => {
      answer.on("error", () => outgoing.destroy());
      const body = await wholeBody(answer);
      if (body === null) return;
      if (isStore && STORED_STATUSES.has(answer.statusCode ?? 0)) {
        for (const uid of instances) if (!isFailed(body, uid)) stored.add(uid);
        await passed("answer");
      }
      outgoing.writeHead(answer.statusCode ?? 0, answer.headers).end(body);
    });
    const body = await wholeBody(incoming);
    if (body === null) {
      onwards.destroy();
      return;
    }
    if (isStore) {
      instances.push(...instancesOf(body, headers["content-type"] ?? ""));
      largest = Math.max(largest, instances.length);
      for (const uid of instances) {
        sent.set(uid, (sent.get(uid) ?? 0) + 1);
        if (stored.has(uid)) needless.push(uid);
      }
      const half = body.length / 2;
      onwards.write(body.subarray(0, half));
      await passed("half");
      onwards.end(body.subarray(half));
      return;
    }
    onwards.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    sent,
    needless,
    get largest() {
      return largest;
    },
    hold: (where) => new Promise((held) => (hold = { where, held })),
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** Null where the sender went away. */
async function wholeBody(message: IncomingMessage): Promise<Buffer | null> {
  try {
    const pieces: Buffer[] = [];
    for await (const piece of message) pieces.push(piece as Buffer);
    return message.complete ? Buffer.concat(pieces) : null;
  } catch {
    return null;
  }
}

function instancesOf(body: Buffer, contentType: string): string[] {
  const boundary = /boundary="?([^";]+)/.exec(contentType)?.[1] ?? "";
  return receivedParts(body, boundary).map(({ bytes }) => {
    const { dataset } = readInstance(bytes, { untilPixelData: true });
    return dataset.string(Tag.SopInstanceUid) ?? "";
  });
}

/** Whether the answer has the instance in its Failed SOP Sequence (PS3.18 Table 10.5.3-2). */
function isFailed(answer: Buffer, uid: string): boolean {
  const { "00081198": failed } = JSON.parse(answer.toString()) as Record<
    string,
    { Value?: object[] } | undefined
  >;
  return JSON.stringify(failed ?? null).includes(`"${uid}"`);
}
