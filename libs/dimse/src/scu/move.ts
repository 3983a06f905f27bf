import { AxialError } from "@axial/contracts";
import { dimse } from "../library.ts";
import { Status } from "../status.ts";
import type { Peer } from "./peer.ts";
import { hex } from "./pending.ts";
import {
  countAnswers,
  identifierOf,
  type Retrieved,
  type SubOperations,
  WITH_FAILURES,
} from "./retrieve.ts";
import { runRequests } from "./run-requests.ts";

/** Archives that fetch from tape say nothing for minutes. */
const MOVE_SILENCE_MS = 15 * 60_000;

interface MoveRequest extends Retrieved {
  /** The AE title that the peer is to send to; it has to know its address. */
  readonly destination: string;
  onProgress?(moved: SubOperations): void;
}

/**
 * C-MOVE of a study, a series or instances to an AE (PS3.4 C.4.2). Resolves with the counts of the
 * last answer. Rejects with `peer-refused` when the peer knows no such destination, moves nothing
 * or has no such service.
 */
export async function move(
  peer: Peer,
  wanted: MoveRequest,
  signal?: AbortSignal,
): Promise<SubOperations> {
  const request = dimse.requests.CMoveRequest.createStudyMoveRequest(
    wanted.destination,
    wanted.studyUid,
  );
  request.setDataset(new dimse.Dataset(identifierOf(wanted)));
  const answered = countAnswers(request, (counts) => wanted.onProgress?.(counts));
  await runRequests(peer, [request], { signal, silenceMs: MOVE_SILENCE_MS });
  const { status, counts } = answered;
  if (status === Status.success || status === WITH_FAILURES) return counts;
  throw new AxialError("peer-refused", { detail: `C-MOVE ended with ${hex(status)}` });
}
