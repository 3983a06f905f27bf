import { AxialError } from "@axial/contracts";
import { dimse } from "../library.ts";
import { Status } from "../status.ts";
import { hex } from "./find.ts";
import { type Peer, runRequests } from "./peer.ts";

/** Counts of the peer's sub-operations (PS3.4 C.4.2.1.6). */
interface Moved {
  readonly completed: number;
  readonly failed: number;
  readonly warnings: number;
}

interface MoveRequest {
  readonly studyUid: string;
  readonly seriesUid?: string;
  /** The AE title that the peer is to send to; it has to know its address. */
  readonly destination: string;
  onProgress?(moved: Moved): void;
}

/**
 * C-MOVE of a study or series to an AE. Resolves with the counts of the last answer. Rejects with
 * `peer-refused` when the peer knows no such destination or moves nothing.
 */
export async function move(peer: Peer, wanted: MoveRequest, signal?: AbortSignal): Promise<Moved> {
  const { CMoveRequest } = dimse.requests;
  const { studyUid, seriesUid, destination } = wanted;
  const request =
    seriesUid === undefined
      ? CMoveRequest.createStudyMoveRequest(destination, studyUid)
      : CMoveRequest.createSeriesMoveRequest(destination, studyUid, seriesUid);
  let status: number = Status.processingFailure;
  let moved: Moved = { completed: 0, failed: 0, warnings: 0 };
  request.on("response", (response) => {
    status = response.getStatus();
    moved = {
      completed: response.getCompleted() ?? moved.completed,
      failed: response.getFailures() ?? moved.failed,
      warnings: response.getWarnings() ?? moved.warnings,
    };
    wanted.onProgress?.(moved);
  });
  await runRequests(peer, [request], signal ? { signal } : {});
  const WITH_FAILURES = 0xb000;
  if (status === Status.success || status === WITH_FAILURES) return moved;
  throw new AxialError("peer-refused", { detail: `C-MOVE ended with ${hex(status)}` });
}
