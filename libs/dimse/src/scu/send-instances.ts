import { readInstance } from "@axial/dicom";
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
    const { syntax, dataset } = readInstance(file, { untilPixelData: true });
    const start = dataset.bytes.byteOffset - file.byteOffset;
    const body = file.subarray(start > 0 ? start : dataSetOffset(file));
    const request = new dimse.requests.CStoreRequest(new StoredDataset(body, syntax.uid));
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

/** Where the data set begins: after the file meta information, whose length its first element says. */
function dataSetOffset(file: Buffer): number {
  const META_START = 132;
  const GROUP_LENGTH_BYTES = 12;
  return META_START + GROUP_LENGTH_BYTES + file.readUInt32LE(META_START + 8);
}
