import { AxialError } from "@axial/contracts";
import { dimse } from "../library.ts";
import { STORAGE_COMMITMENT } from "../negotiation.ts";
import { readCommitmentEvent, WELL_KNOWN_INSTANCE } from "../scp/commitment.ts";
import type { CommitmentRequest, CommitmentResult } from "../scp/handlers.ts";
import { Status } from "../status.ts";
import type { Peer } from "./peer.ts";
import { hex } from "./pending.ts";
import { runRequests } from "./run-requests.ts";

const REQUEST_COMMITMENT = 1;
/** How long the association stays open for a report on it; later ones come on one of the peer's. */
const LINGER_MS = 5_000;

/**
 * Asks a peer to commit to the storage of instances (PS3.4 J.3.2). Resolves with the report when
 * it comes on the same association, with null when the peer took the request and reports later.
 * Rejects as `runRequests` does where the request was not answered, and with `peer-refused` when it
 * is refused.
 */
export async function requestCommitment(
  peer: Peer,
  { transactionUid, instances }: CommitmentRequest,
  signal?: AbortSignal,
): Promise<CommitmentResult | null> {
  const action = new dimse.requests.NActionRequest(
    STORAGE_COMMITMENT,
    WELL_KNOWN_INSTANCE,
    REQUEST_COMMITMENT,
  );
  action.setDataset(
    new dimse.Dataset({
      TransactionUID: transactionUid,
      ReferencedSOPSequence: instances.map(({ sopClassUid, sopInstanceUid }) => ({
        ReferencedSOPClassUID: sopClassUid,
        ReferencedSOPInstanceUID: sopInstanceUid,
      })),
    }),
  );
  let status: number | null = null;
  action.on("response", (response) => {
    status = response.getStatus();
  });
  let result: CommitmentResult | null = null;
  await runRequests(peer, [action], {
    ...(signal ? { signal } : {}),
    lingerMs: LINGER_MS,
    onEvent: (event) => {
      const report = readCommitmentEvent(event);
      if (report?.transactionUid === transactionUid) result = report;
      return result !== null;
    },
  }).catch((error: unknown) => {
    // A peer that has taken the request may end the association: its report comes on another.
    if (status !== Status.success) throw error;
  });
  if (status === Status.success) return result;
  throw new AxialError("peer-refused", {
    detail: `N-ACTION ended with ${hex(status ?? Status.processingFailure)}`,
  });
}
