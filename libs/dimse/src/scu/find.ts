import { AxialError } from "@axial/contracts";
import { dimse } from "../library.ts";
import { Status } from "../status.ts";
import { type Peer, runRequests } from "./peer.ts";

type QueryLevel = "STUDY" | "SERIES" | "IMAGE";
/** Attributes by keyword: a value to match, or "" for one that is to be returned. */
export type Query = Readonly<Record<string, string>>;

/** Matches of one query that are kept; a wider one is to be narrowed, by day for instance. */
const MAX_MATCHES = 50_000;

/**
 * C-FIND in the Study Root model (PS3.4 C.4.1): the matches. Rejects with `peer-refused` when
 * the peer ends with a failure, `limit-exceeded` beyond `MAX_MATCHES`.
 */
export async function find(
  peer: Peer,
  query: { readonly level: QueryLevel; readonly keys: Query },
  signal?: AbortSignal,
): Promise<Record<string, unknown>[]> {
  const { CFindRequest } = dimse.requests;
  const create = {
    STUDY: CFindRequest.createStudyFindRequest,
    SERIES: CFindRequest.createSeriesFindRequest,
    IMAGE: CFindRequest.createImageFindRequest,
  }[query.level];
  const request = create({ ...query.keys });
  const matches: Record<string, unknown>[] = [];
  let status: number = Status.processingFailure;
  let tooMany = false;
  const controller = new AbortController();
  request.on("response", (response) => {
    status = response.getStatus();
    const dataset = response.getDataset();
    if (!isPending(status) || dataset === undefined) return;
    if (matches.length < MAX_MATCHES) matches.push(dataset.getElements());
    else {
      tooMany = true;
      controller.abort();
    }
  });
  const either = signal ? AbortSignal.any([signal, controller.signal]) : controller.signal;
  await runRequests(peer, [request], { signal: either }).catch((error: unknown) => {
    if (!tooMany) throw error;
  });
  if (tooMany) throw new AxialError("limit-exceeded", { detail: `limit: ${MAX_MATCHES} matches` });
  if (status === Status.success) return matches;
  throw new AxialError("peer-refused", { detail: `C-FIND ended with ${hex(status)}` });
}

/** FF00: pending; FF01: pending, some optional keys were not supported (PS3.4 C.4.1.1.4). */
function isPending(status: number): boolean {
  return status === 0xff00 || status === 0xff01;
}

export function hex(status: number): string {
  return `0x${status.toString(16).padStart(4, "0")}`;
}
