import type { requests } from "dcmjs-dimse";
import { Status } from "../status.ts";
import { isPending } from "./pending.ts";

/** What is retrieved: a study, a series of it, or some instances of a series. */
export interface Retrieved {
  readonly studyUid: string;
  readonly seriesUid?: string | undefined;
  /** With a series: only these, a list of UIDs (PS3.4 C.2.2.2.2). */
  readonly sopInstanceUids?: readonly string[] | undefined;
}

/** Counts of the peer's sub-operations (PS3.4 C.4.2.1.6). */
export interface SubOperations {
  readonly completed: number;
  readonly failed: number;
  readonly warnings: number;
}

/** A C-MOVE or C-GET whose answers are counted. */
export interface Counted {
  /** Of the last answer; `sopClassNotSupported` before the first. */
  readonly status: number;
  readonly counts: SubOperations;
}

/** Some sub-operations failed (PS3.4 table C.4-2). */
export const WITH_FAILURES = 0xb000;

/** Names the level and its UIDs in an identifier. */
export function identifierOf({ studyUid, seriesUid, sopInstanceUids }: Retrieved) {
  if (seriesUid === undefined) return { QueryRetrieveLevel: "STUDY", StudyInstanceUID: studyUid };
  const series = { StudyInstanceUID: studyUid, SeriesInstanceUID: seriesUid };
  if (sopInstanceUids === undefined) return { QueryRetrieveLevel: "SERIES", ...series };
  return {
    QueryRetrieveLevel: "IMAGE",
    ...series,
    SOPInstanceUID: sopInstanceUids.length === 1 ? sopInstanceUids[0] : [...sopInstanceUids],
  };
}

/** Follows the answers to a request; what it returns changes with each. */
export function countAnswers(
  request: requests.CMoveRequest | requests.CGetRequest,
  onProgress: (counts: SubOperations) => void,
): Counted {
  const counted = {
    status: Status.sopClassNotSupported as number,
    counts: { completed: 0, failed: 0, warnings: 0 },
  };
  request.on("response", (response) => {
    counted.status = response.getStatus();
    counted.counts = {
      completed: response.getCompleted() ?? counted.counts.completed,
      failed: response.getFailures() ?? counted.counts.failed,
      warnings: response.getWarnings() ?? counted.counts.warnings,
    };
    if (isPending(counted.status)) onProgress(counted.counts);
  });
  return counted;
}
