import { AxialError } from "@axial/contracts";
import {
  decodableTransferSyntaxes,
  EXPLICIT_LITTLE_ENDIAN,
  IMPLICIT_LITTLE_ENDIAN,
} from "@axial/dicom";
import type { IncomingInstance } from "../association/instance-receiver.ts";
import { dimse } from "../library.ts";
import { MAX_PRESENTATION_CONTEXTS } from "../limits.ts";
import { type Outcome, Status } from "../status.ts";
import type { Peer } from "./peer.ts";
import { hex } from "./pending.ts";
import {
  countAnswers,
  identifierOf,
  type Retrieved,
  type SubOperations,
  WITH_FAILURES,
} from "./retrieve.ts";
import { type ExtraContext, runRequests } from "./run-requests.ts";

interface GetRequest extends Retrieved {
  /** SOP classes that the peer may send: those of what is retrieved. */
  readonly sopClasses: readonly string[];
  /** Takes each instance as `Session.store` does. */
  store(instance: IncomingInstance): Promise<Outcome>;
}

/** How a C-GET ended; `not-offered`: the peer has no such service. */
type GetOutcome =
  | { readonly status: "done"; readonly counts: SubOperations }
  | { readonly status: "not-offered" };

/**
 * C-GET of a study, a series or instances on one association (PS3.4 C.4.3). Each instance is
 * answered once `store` has it. Rejects with `peer-refused` when the peer ends with a failure.
 */
export async function get(
  peer: Peer,
  wanted: GetRequest,
  signal?: AbortSignal,
): Promise<GetOutcome> {
  const request = dimse.requests.CGetRequest.createStudyGetRequest(wanted.studyUid);
  request.setAddStorageSopClassesToAssociation(false);
  request.setDataset(new dimse.Dataset(identifierOf(wanted)));
  const answered = countAnswers(request, () => {});
  await runRequests(peer, [request], {
    signal,
    storage: storageContexts(wanted.sopClasses),
    onStore: wanted.store,
  });
  const { status, counts } = answered;
  if (status === Status.success || status === WITH_FAILURES) return { status: "done", counts };
  if (status === Status.sopClassNotSupported) return { status: "not-offered" };
  throw new AxialError("peer-refused", { detail: `C-GET ended with ${hex(status)}` });
}

const UNCOMPRESSED = [EXPLICIT_LITTLE_ENDIAN, IMPLICIT_LITTLE_ENDIAN];
const COMPRESSED = decodableTransferSyntaxes()
  .filter(({ codec }) => codec !== "native")
  .map(({ uid }) => uid);

/**
 * A context for each class and compressed syntax, so that a peer that does not transcode can send
 * what it has; as many as an association may have, those without compression first.
 */
function storageContexts(sopClasses: readonly string[]): ExtraContext[] {
  const plain = sopClasses.map((abstractSyntax) => ({
    abstractSyntax,
    transferSyntaxes: UNCOMPRESSED,
  }));
  const compressed = sopClasses.flatMap((abstractSyntax) =>
    COMPRESSED.map((syntax) => ({ abstractSyntax, transferSyntaxes: [syntax] })),
  );
  return [...plain, ...compressed].slice(0, MAX_PRESENTATION_CONTEXTS - 1);
}
