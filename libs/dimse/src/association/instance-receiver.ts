import type { Writable } from "node:stream";
import { COPYING_IMPLEMENTATION_CLASS_UID } from "@axial/contracts";
import { writeFileMeta } from "@axial/dicom";
import type { association, Dataset, requests, responses } from "dcmjs-dimse";
import { dimse, IMPLEMENTATION_VERSION, LibraryAssociation, NO_TIMEOUTS } from "../library.ts";
import { type Outcome, Status } from "../status.ts";
import { DatasetStream } from "./dataset-stream.ts";
import type { PduSocket } from "./pdu-socket.ts";
import { StoreResponseSet } from "./store-response-set.ts";

const { CStoreResponse } = dimse.responses;

/** The longest comment of a status, LO (PS3.7 E.1). */
const MAX_COMMENT = 64;

/** One C-STORE: `body` is a DICOM file (PS3.10), file meta information included. */
export interface IncomingInstance {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly transferSyntaxUid: string;
  readonly body: AsyncIterable<Buffer>;
}

/**
 * The side of an association that takes C-STORE: the acceptor, and the requestor of a C-GET. A data
 * set streams to its reader while it is received, and the next operation waits for its answer.
 */
export abstract class InstanceReceiver extends LibraryAssociation {
  protected readonly connection: PduSocket;
  protected over = false;
  #incoming: DatasetStream | null = null;
  #outcome: Promise<Outcome> | null = null;

  protected constructor(connection: PduSocket) {
    super(connection, NO_TIMEOUTS);
    this.connection = connection;
    connection.sink = () => this.#incoming;
    connection.on("late", (message: string) => {
      this.sendAbort();
      connection.emit("error", new Error(message));
    });
  }

  /** Resolves with the status for the sender; never rejects. */
  protected abstract receive(instance: IncomingInstance): Promise<Outcome>;

  /** The sender's AE title, for the file meta information. */
  protected abstract senderTitle(): string | null;

  /** The association is over: what is being received ends within its data set. */
  protected dropIncoming(): void {
    this.over = true;
    this.#incoming?.destroy();
    this.#incoming = null;
  }

  override createStoreWritableStream(
    context: association.PresentationContext,
    request: requests.CStoreRequest,
  ): Writable {
    const instance = {
      sopClassUid: request.getAffectedSopClassUid() ?? "",
      sopInstanceUid: request.getAffectedSopInstanceUid() ?? "",
      transferSyntaxUid: context.getAcceptedTransferSyntaxUid() ?? "",
    };
    const meta = writeFileMeta({
      ...instance,
      implementationClassUid: COPYING_IMPLEMENTATION_CLASS_UID,
      implementationVersion: IMPLEMENTATION_VERSION,
      sourceAeTitle: this.senderTitle(),
    });
    const body = new DatasetStream(meta, this.connection);
    body.on("error", () => {});
    this.#incoming = body;
    const isNegotiated = context.getAbstractSyntaxUid() === instance.sopClassUid;
    this.#outcome = isNegotiated ? this.receive({ ...instance, body }) : refuse(body);
    return body;
  }

  /** The library reads data sets into memory here; ours is on its way to the store already. */
  override createDatasetFromStoreWritableStream(
    _stream: Writable,
    _context: association.PresentationContext,
    proceed: (dataset: Dataset) => void,
  ): void {
    this.#incoming = null;
    proceed(new dimse.Dataset());
  }

  override cStoreRequest(
    request: requests.CStoreRequest,
    callback: (response: responses.CStoreResponse) => void,
  ): void {
    const outcome: Promise<Outcome> =
      this.#outcome ?? Promise.resolve({ status: Status.cannotUnderstand });
    this.#outcome = null;
    // What the peer sends meanwhile, it sends out of turn: one operation at a time.
    this.connection.pause();
    outcome.then(({ status, comment }) => {
      const response = CStoreResponse.fromRequest(request);
      response.setStatus(status);
      if (comment !== undefined) response.setErrorComment(comment.slice(0, MAX_COMMENT));
      response.setCommandDataset(new StoreResponseSet(response.getCommandDataset().getElements()));
      if (!this.over) callback(response);
      this.connection.resume();
    });
  }
}

/** The command is of a SOP class other than that of its presentation context (PS3.7 9.3.1). */
async function refuse(body: DatasetStream): Promise<Outcome> {
  const read = async () => {
    for await (const _chunk of body);
  };
  // Lost with its association: then there is no one to answer.
  await read().catch(() => {});
  return { status: Status.sopClassNotSupported };
}
