import { AxialError } from "@axial/contracts";
import { commitmentEvent } from "../scp/commitment.ts";
import type { CommitmentResult } from "../scp/handlers.ts";
import type { Peer } from "./peer.ts";
import { runRequests } from "./run-requests.ts";

/**
 * Reports a storage commitment on an association of our own (PS3.4 J.3.3). Rejects as
 * `runRequests` does, and with `peer-refused` when the peer does not take the report.
 */
export async function reportCommitment(
  peer: Peer,
  result: CommitmentResult,
  signal?: AbortSignal,
): Promise<void> {
  let taken = false;
  const event = commitmentEvent(result, (isTaken) => {
    taken = isTaken;
  });
  await runRequests(peer, [event], { signal, asProvider: true });
  if (!taken) throw new AxialError("peer-refused", { detail: "N-EVENT-REPORT was not taken" });
}
