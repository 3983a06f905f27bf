import { AxialError } from "@axial/contracts";
import type { requests } from "dcmjs-dimse";
import { dimse } from "../library.ts";
import { Status } from "../status.ts";
import type { Peer } from "./peer.ts";
import { hex, isPending } from "./pending.ts";
import { runRequests } from "./run-requests.ts";

type QueryLevel = "STUDY" | "SERIES" | "IMAGE";

export interface Query {
  readonly level: QueryLevel;
  /** Attributes by keyword: a value to match, or "" for one that is to be returned. */
  readonly keys: Readonly<Record<string, string>>;
}

/** What the peer has of one match, by keyword, as the library reads it. */
export type Match = Readonly<Record<string, unknown>>;

/** Matches of all queries together; wider ones are to be narrowed, by day for instance. */
const MAX_MATCHES = 50_000;

/** One query of `findAll`. Rejects as it does. */
export async function find(peer: Peer, query: Query, signal?: AbortSignal): Promise<Match[]> {
  return findAll(peer, [query], signal);
}

/**
 * C-FIND in the Study Root model (PS3.4 C.4.1), queries in sequence on one association: the
 * matches of all. Rejects with `peer-refused` when one ends with a failure or the peer has no such
 * service, with `limit-exceeded` beyond `MAX_MATCHES`.
 */
export async function findAll(
  peer: Peer,
  queries: readonly Query[],
  signal?: AbortSignal,
): Promise<Match[]> {
  const matches: Match[] = [];
  const enough = new AbortController();
  const statuses: number[] = [];
  const wanted = queries.map((query, index) => {
    statuses[index] = Status.sopClassNotSupported;
    const request = requestFor(query);
    request.on("response", (response) => {
      const status = response.getStatus();
      statuses[index] = status;
      const dataset = response.getDataset();
      if (!isPending(status) || dataset === undefined) return;
      if (matches.length < MAX_MATCHES) matches.push(dataset.getElements());
      else enough.abort();
    });
    return request;
  });
  const either = signal ? AbortSignal.any([signal, enough.signal]) : enough.signal;
  await runRequests(peer, wanted, { signal: either }).catch((error: unknown) => {
    if (!enough.signal.aborted) throw error;
    throw new AxialError("limit-exceeded", { detail: `limit: ${MAX_MATCHES} matches` });
  });
  const failed = statuses.find((status) => status !== Status.success);
  if (failed === undefined) return matches;
  throw new AxialError("peer-refused", { detail: `C-FIND ended with ${hex(failed)}` });
}

function requestFor({ level, keys }: Query): requests.CFindRequest {
  const { CFindRequest } = dimse.requests;
  const create = {
    STUDY: CFindRequest.createStudyFindRequest,
    SERIES: CFindRequest.createSeriesFindRequest,
    IMAGE: CFindRequest.createImageFindRequest,
  }[level];
  return create({ ...keys });
}
