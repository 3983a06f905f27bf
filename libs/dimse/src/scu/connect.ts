import { once } from "node:events";
import { connect as connectPlain, type Socket } from "node:net";
import { connect as connectSecure } from "node:tls";
import { AxialError } from "@axial/contracts";
import type { Peer } from "./peer.ts";

/** Connecting, the handshake of TLS included, may take so long. */
export const CONNECT_TIMEOUT_MS = 10_000;

/**
 * An open connection to a peer. Rejects with `peer-unreachable`: the detail is the code of the
 * network's or TLS's error, and names no address.
 */
export async function connectTo(
  { host, port, tls }: Peer,
  signal: AbortSignal | undefined,
): Promise<Socket> {
  const limit = AbortSignal.timeout(CONNECT_TIMEOUT_MS);
  const either = signal === undefined ? limit : AbortSignal.any([signal, limit]);
  const socket =
    tls === undefined
      ? connectPlain({ host, port })
      : connectSecure({ ...tls, host, port, minVersion: "TLSv1.2", rejectUnauthorized: true });
  try {
    await once(socket, tls === undefined ? "connect" : "secureConnect", { signal: either });
  } catch (error) {
    socket.destroy();
    const { code, name } = error as NodeJS.ErrnoException;
    const late = name === "AbortError" && limit.aborted;
    throw new AxialError("peer-unreachable", {
      detail: late ? "no connection in time" : (code ?? "the connection failed"),
      cause: error,
    });
  }
  socket.setNoDelay(true);
  return socket;
}
