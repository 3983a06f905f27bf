import type { Socket } from "node:net";
import type { association, requests, responses } from "dcmjs-dimse";
import { InstanceReceiver } from "../association/instance-receiver.ts";
import { PduSocket } from "../association/pdu-socket.ts";
import type { PeerTimes } from "../association/peer-clock.ts";
import { dimse } from "../library.ts";
import { MAX_PRESENTATION_CONTEXTS } from "../limits.ts";
import {
  chooseTransferSyntax,
  isStorageClass,
  STORAGE_COMMITMENT,
  VERIFICATION,
} from "../negotiation.ts";
import { type Outcome, Status } from "../status.ts";
import { commitmentEvent, readCommitment, readCommitmentEvent } from "./commitment.ts";
import type {
  AssociationRequest,
  CommitmentResult,
  Handlers,
  Rejection,
  Session,
} from "./handlers.ts";

const { PresentationContextResult, RejectReason, RejectResult, RejectSource } = dimse.constants;
const { CEchoResponse, NActionResponse, NEventReportResponse } = dimse.responses;

const REJECTIONS: Readonly<
  Record<Rejection, readonly [result: number, source: number, reason: number]>
> = {
  "calling-ae-not-recognized": [
    RejectResult.Permanent,
    RejectSource.ServiceUser,
    RejectReason.CallingAeNotRecognized,
  ],
  "called-ae-not-recognized": [
    RejectResult.Permanent,
    RejectSource.ServiceUser,
    RejectReason.CalledAeNotRecognized,
  ],
  // PS3.8 table 9-21: a transient rejection by the presentation layer, temporary congestion.
  "temporary-congestion": [RejectResult.Transient, RejectSource.ServiceProviderPresentation, 1],
};

/** The acceptor's side of one association. */
export class Acceptor extends InstanceReceiver {
  readonly #handlers: Handlers;
  #request: AssociationRequest | null = null;
  #session: Session | null = null;
  #released = false;
  /** Reports that the peer has not answered yet. */
  readonly #reporting = new Set<CommitmentResult>();

  constructor(socket: Socket, handlers: Handlers, times: PeerTimes) {
    const connection = new PduSocket(socket, times);
    super(connection);
    this.#handlers = handlers;
    this.on("networkError", (error: Error) => {
      handlers.trouble(error, this.#request);
      connection.destroy();
    });
    this.on("close", () => this.#end());
    // The library's clocks start with it; an accepted socket has been connected all along.
    connection.emit("connect");
  }

  /** Drops the association silently: the process is closing. */
  drop(): void {
    this.connection.destroy();
  }

  override associationRequested(association: association.Association): void {
    const request = {
      callingAeTitle: association.getCallingAeTitle().trim(),
      calledAeTitle: association.getCalledAeTitle().trim(),
      remoteAddress: this.connection.remoteAddress ?? "",
      isToStore: proposesStorage(association),
    };
    this.#request = request;
    this.connection.pause();
    this.#handlers.associate(request).then(
      (decision) => {
        if (decision.status === "rejected") this.#reject(decision.reason);
        else if (this.over) decision.session.end("lost");
        else {
          this.#session = decision.session;
          negotiate(association);
          this.sendAssociationAccept();
        }
        this.connection.resume();
      },
      (error: Error) => {
        this.#handlers.trouble(error, request);
        this.#reject("temporary-congestion");
        this.connection.resume();
      },
    );
  }

  override associationReleaseRequested(): void {
    this.#released = true;
    this.sendAssociationReleaseResponse();
    this.connection.end();
  }

  override abort(): void {
    this.connection.destroy();
  }

  override cEchoRequest(
    request: requests.CEchoRequest,
    callback: (response: responses.CEchoResponse) => void,
  ): void {
    const response = CEchoResponse.fromRequest(request);
    response.setStatus(Status.success);
    callback(response);
  }

  override nActionRequest(
    request: requests.NActionRequest,
    callback: (response: responses.NActionResponse) => void,
  ): void {
    const response = NActionResponse.fromRequest(request);
    const wanted = readCommitment(request);
    if (wanted === null || this.#session === null) {
      response.setStatus(Status.noSuchAction);
      callback(response);
      return;
    }
    const session = this.#session;
    session.commit(wanted).then(
      (result) => {
        response.setStatus(Status.success);
        if (!this.over) callback(response);
        if (this.over || this.#released) session.reportLater(result);
        else this.#report(session, result);
      },
      (error: Error) => {
        this.#handlers.trouble(error, this.#request);
        response.setStatus(Status.processingFailure);
        if (!this.over) callback(response);
      },
    );
  }

  /** What is not answered before the association ends is reported on another. */
  #report(session: Session, result: CommitmentResult): void {
    this.#reporting.add(result);
    const event = commitmentEvent(result, (isTaken) => {
      this.#reporting.delete(result);
      if (isTaken) session.reported?.(result);
      else session.reportLater(result);
    });
    this.sendRequests(event);
  }

  override nEventReportRequest(
    request: requests.NEventReportRequest,
    callback: (response: responses.NEventReportResponse) => void,
  ): void {
    const response = NEventReportResponse.fromRequest(request);
    const answer = (status: number) => {
      response.setStatus(status);
      if (!this.over) callback(response);
    };
    const result = readCommitmentEvent(request);
    if (result === null || this.#session === null) {
      answer(Status.invalidArgument);
      return;
    }
    this.#session.committed(result).then(
      (isKnown) => answer(isKnown ? Status.success : Status.invalidArgument),
      (error: Error) => {
        this.#handlers.trouble(error, this.#request);
        answer(Status.processingFailure);
      },
    );
  }

  protected override senderTitle(): string | null {
    return this.#request?.callingAeTitle ?? null;
  }

  protected override async receive(instance: Parameters<Session["store"]>[0]): Promise<Outcome> {
    try {
      if (this.#session === null) return { status: Status.notAuthorized };
      return await this.#session.store(instance);
    } catch (error) {
      if (!this.over) this.#handlers.trouble(error as Error, this.#request);
      return { status: Status.processingFailure };
    }
  }

  #reject(reason: Rejection): void {
    this.sendAssociationReject(...REJECTIONS[reason]);
    this.connection.end();
  }

  #end(): void {
    if (this.over) return;
    this.dropIncoming();
    for (const result of this.#reporting) this.#session?.reportLater(result);
    this.#reporting.clear();
    this.#session?.end(this.#released ? "released" : "lost");
  }
}

function proposesStorage(association: association.Association): boolean {
  return association
    .getPresentationContexts()
    .some(({ id }) =>
      isStorageClass(association.getPresentationContext(id).getAbstractSyntaxUid()),
    );
}

function negotiate(association: association.Association): void {
  const contexts = association.getPresentationContexts();
  for (const { id } of contexts.slice(0, MAX_PRESENTATION_CONTEXTS)) {
    const context = association.getPresentationContext(id);
    const abstractSyntax = context.getAbstractSyntaxUid();
    const known =
      abstractSyntax === VERIFICATION ||
      abstractSyntax === STORAGE_COMMITMENT ||
      isStorageClass(abstractSyntax);
    if (!known) {
      context.setResult(PresentationContextResult.RejectAbstractSyntaxNotSupported);
      continue;
    }
    const syntax = chooseTransferSyntax(abstractSyntax, context.getTransferSyntaxUids());
    if (syntax === null) {
      context.setResult(PresentationContextResult.RejectTransferSyntaxesNotSupported);
    } else context.setResult(PresentationContextResult.Accept, syntax);
  }
}
