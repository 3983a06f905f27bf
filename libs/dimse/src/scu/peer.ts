import { AxialError } from "@axial/contracts";
import type { requests } from "dcmjs-dimse";
import { dimse } from "../library.ts";
import { IDLE_TIMEOUT_MS } from "../limits.ts";

/** Another application entity, and how we call ourselves to it. */
export interface Peer {
  readonly host: string;
  readonly port: number;
  readonly calledAeTitle: string;
  readonly callingAeTitle: string;
  /** Certificates in PEM; without it the connection is not encrypted. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
}

export interface RunOptions {
  readonly signal?: AbortSignal;
  /** The association stays open for so long after the last answer, for reports that come on it. */
  readonly lingerMs?: number;
  /** Each C-STORE that the peer sends on the association (C-GET). */
  onStore?(request: requests.CStoreRequest): Promise<number>;
  /** Each N-EVENT-REPORT that the peer sends on the association. */
  onEvent?(request: requests.NEventReportRequest): void;
}

/** Connecting, and any single PDU, may take so long. */
const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Runs requests on one association and releases it. Resolves when the association is over.
 * Rejects with `peer-unreachable` when it cannot be opened or breaks, `peer-rejected` when the
 * peer rejects it (the detail says which of the two sides was not recognized).
 */
export function runRequests(
  peer: Peer,
  wanted: readonly requests.Request[],
  options: RunOptions = {},
): Promise<void> {
  const client = new dimse.Client();
  for (const request of wanted) client.addRequest(request);
  return new Promise((resolve, reject) => {
    let released = false;
    let failure: AxialError | null = null;
    const fail = (code: "peer-unreachable" | "peer-rejected", detail: string) => {
      failure ??= new AxialError(code, { detail });
    };
    client.on("associationReleased", () => {
      released = true;
    });
    client.on("associationRejected", ({ reason, source }) => {
      fail("peer-rejected", `association rejected: source ${source}, reason ${reason}`);
    });
    client.on("networkError", (error: NodeJS.ErrnoException) => {
      fail("peer-unreachable", error.code ?? "the association broke");
    });
    client.on("cStoreRequest", (request, callback) => {
      const response = dimse.responses.CStoreResponse.fromRequest(request);
      const stored = options.onStore?.(request) ?? Promise.resolve(0x0122);
      stored.then((status) => {
        response.setStatus(status);
        callback(response);
      });
    });
    client.on("nEventReportRequest", (request, callback) => {
      options.onEvent?.(request);
      const response = dimse.responses.NEventReportResponse.fromRequest(request);
      response.setStatus(0);
      callback(response);
    });
    const onAbort = () => {
      fail("peer-unreachable", "given up");
      client.abort();
    };
    options.signal?.addEventListener("abort", onAbort, { once: true });
    client.on("closed", () => {
      options.signal?.removeEventListener("abort", onAbort);
      if (failure !== null) reject(failure);
      else if (released) resolve();
      else reject(new AxialError("peer-unreachable", { detail: "the association ended early" }));
    });
    const { host, port, callingAeTitle, calledAeTitle, tls } = peer;
    client.send(host, port, callingAeTitle, calledAeTitle, {
      connectTimeout: CONNECT_TIMEOUT_MS,
      associationTimeout: CONNECT_TIMEOUT_MS,
      pduTimeout: IDLE_TIMEOUT_MS,
      associationLingerTimeout: options.lingerMs ?? 0,
      ...(tls === undefined
        ? {}
        : { securityOptions: { ...tls, minVersion: "TLSv1.2", rejectUnauthorized: true } }),
    });
  });
}
