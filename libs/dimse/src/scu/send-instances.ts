import { readFileMeta } from "@axial/dicom";
import { dimse } from "../library.ts";
import { type Outcome, Status } from "../status.ts";
import type { Peer } from "./peer.ts";
import { runRequests } from "./run-requests.ts";

/**
 * A data set that goes out as it lies in its file. Only where the peer accepts no other than
 * another transfer syntax does the library write it anew.
 */
class StoredDataset extends dimse.Dataset {
  readonly #bytes: Buffer;
  readonly #transferSyntax: string;

  constructor(bytes: Buffer, transferSyntax: string) {
    super(bytes, transferSyntax);
    this.#bytes = bytes;
    this.#transferSyntax = transferSyntax;
  }

  override getDenaturalizedDataset(
    ...options: Parameters<InstanceType<typeof dimse.Dataset>["getDenaturalizedDataset"]>
  ): Buffer {
    if (this.getTransferSyntaxUid() === this.#transferSyntax) return this.#bytes;
    return super.getDenaturalizedDataset(...options);
  }
}

/** No answer came for an instance: the association broke, or no context was accepted for it. */
const NOT_SENT: Outcome = { status: Status.sopClassNotSupported, comment: "not accepted" };

interface SendOptions {
  readonly signal?: AbortSignal;
  /** Called with each answer as it comes: what is known where the association breaks later. */
  onOutcome?(index: number, outcome: Outcome): void;
}

/**
 * Sends DICOM files by C-STORE on one association; resolves with the peer's outcome for each.
 * Rejects as `runRequests` does; then only what `onOutcome` was told is known, and all are sent
 * again.
 */
export async function sendInstances(
  peer: Peer,
  files: readonly Buffer[],
  { signal, onOutcome }: SendOptions = {},
): Promise<Outcome[]> {
  const outcomes: Outcome[] = files.map(() => NOT_SENT);
  const requests = files.map((file, index) => {
    const { syntax, at } = readFileMeta(file);
    const body = new StoredDataset(file.subarray(at), syntax.uid);
    const request = new dimse.requests.CStoreRequest(body);
    request.on("response", (response) => {
      const outcome = { status: response.getStatus(), comment: response.getErrorComment() };
      outcomes[index] = outcome;
      onOutcome?.(index, outcome);
    });
    return request;
  });
  await runRequests(peer, requests, signal ? { signal } : {});
  return outcomes;
}
