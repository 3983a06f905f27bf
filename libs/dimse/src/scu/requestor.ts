import type { Socket } from "node:net";
import type { association, requests, responses } from "dcmjs-dimse";
import { type IncomingInstance, InstanceReceiver } from "../association/instance-receiver.ts";
import { PduSocket } from "../association/pdu-socket.ts";
import { PEER_TIMES } from "../association/peer-clock.ts";
import { dimse } from "../library.ts";
import { type Outcome, Status } from "../status.ts";

/** What becomes of an association that we ask for. */
export interface RequestorEvents {
  /** Each C-STORE that the peer sends on the association (C-GET). */
  onStore?(instance: IncomingInstance): Promise<Outcome>;
  /** Each N-EVENT-REPORT that the peer sends on the association; true when none is awaited after it. */
  onEvent?(request: requests.NEventReportRequest): boolean;
  /** The peer has accepted; contexts have their results. */
  onAccepted?(association: association.Association): void;
  onRejected(reason: { readonly source: number; readonly reason: number }): void;
  onBroken(reason: string): void;
  onReleased(): void;
  onClosed(): void;
}

interface RequestorOptions {
  /** A message may be waited for this long, in milliseconds. */
  readonly silenceMs: number;
  readonly acceptMs: number;
  /** The association stays open for so long after the last answer. */
  readonly lingerMs: number;
  readonly calledAeTitle: string;
}

/**
 * The requestor's side of one association, over a connection that is open. It takes no more from
 * its peer than the acceptor does: the same limits on PDUs, and data sets that stream.
 */
export class Requestor extends InstanceReceiver {
  readonly #events: RequestorEvents;
  readonly #calledAeTitle: string;
  readonly #lingerMs: number;
  #linger: NodeJS.Timeout | null = null;
  /** Every answer has come. */
  #done = false;
  /** No report is awaited. */
  #told = false;

  constructor(socket: Socket, options: RequestorOptions, events: RequestorEvents) {
    const { silenceMs, acceptMs, lingerMs, calledAeTitle } = options;
    const times = { ...PEER_TIMES, artimMs: acceptMs, idleMs: silenceMs };
    const connection = new PduSocket(socket, times);
    super(connection);
    this.#events = events;
    this.#calledAeTitle = calledAeTitle;
    this.#lingerMs = lingerMs;
    this.on("associationRejected", (reason: { source: number; reason: number }) => {
      events.onRejected(reason);
      connection.destroy();
    });
    this.on("associationReleaseResponse", () => {
      events.onReleased();
      connection.destroy();
    });
    this.on("done", () => {
      this.#done = true;
      this.#leave();
    });
    this.on("networkError", (error: NodeJS.ErrnoException) => {
      events.onBroken(error.code ?? "the association broke");
      connection.destroy();
    });
    this.on("close", () => this.#end());
    // The library's clocks start with it; the socket is connected already.
    connection.emit("connect");
  }

  /** Requests the association, and sends the requests in sequence once it is accepted. */
  open(wanted: association.Association, toSend: readonly requests.Request[]): void {
    this.on("associationAccepted", (accepted: association.Association) => {
      this.#events.onAccepted?.(accepted);
      this.sendRequests([...toSend]);
    });
    this.sendAssociationRequest(wanted);
  }

  /** Ends the association at once. */
  giveUp(): void {
    this.sendAbort();
    this.connection.destroy();
  }

  override associationReleaseRequested(): void {
    this.sendAssociationReleaseResponse();
    this.connection.destroy();
  }

  override abort(): void {
    this.#events.onBroken("the peer aborted the association");
    this.connection.destroy();
  }

  override nEventReportRequest(
    request: requests.NEventReportRequest,
    callback: (response: responses.NEventReportResponse) => void,
  ): void {
    this.#told = this.#events.onEvent?.(request) ?? false;
    const response = dimse.responses.NEventReportResponse.fromRequest(request);
    response.setStatus(Status.success);
    callback(response);
    if (this.#done && this.#told) this.#leave();
  }

  protected override async receive(instance: IncomingInstance): Promise<Outcome> {
    try {
      if (this.#events.onStore !== undefined) return await this.#events.onStore(instance);
      for await (const _chunk of instance.body);
      return { status: Status.sopClassNotSupported };
    } catch {
      // The handler reports its own failures; what is left is an association that ended.
      return { status: Status.processingFailure };
    }
  }

  protected override senderTitle(): string | null {
    return this.#calledAeTitle;
  }

  /** Releases the association, after a while where reports may still come on it. */
  #leave(): void {
    if (this.#linger !== null) clearTimeout(this.#linger);
    const waitMs = this.#told ? 0 : this.#lingerMs;
    this.#linger = setTimeout(() => this.sendAssociationReleaseRequest(), waitMs);
  }

  #end(): void {
    if (this.over) return;
    this.dropIncoming();
    if (this.#linger !== null) clearTimeout(this.#linger);
    this.#events.onClosed();
  }
}
