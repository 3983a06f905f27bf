import type { IncomingInstance } from "../association/instance-receiver.ts";
import type { Outcome } from "../status.ts";

/** Calling and called AE of an association request. */
export interface AssociationRequest {
  readonly callingAeTitle: string;
  readonly calledAeTitle: string;
  readonly remoteAddress: string;
  /** A Storage SOP class is proposed. */
  readonly isToStore: boolean;
}

/** Why an association is rejected (PS3.8 table 9-21). */
export type Rejection =
  | "calling-ae-not-recognized"
  | "called-ae-not-recognized"
  | "temporary-congestion";

type AssociationDecision =
  | { readonly status: "accepted"; readonly session: Session }
  | { readonly status: "rejected"; readonly reason: Rejection };

export interface ReferencedInstance {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
}

/** A request for storage commitment (PS3.4 J.3.2). */
export interface CommitmentRequest {
  readonly transactionUid: string;
  readonly instances: readonly ReferencedInstance[];
}

/** What became of a request: instances that are safe, and those that are not, with the reason. */
export interface CommitmentResult extends CommitmentRequest {
  readonly failed: readonly (ReferencedInstance & { readonly reason: number })[];
}

/** What one accepted association does. */
export interface Session {
  /** Resolves once the instance is durable, or with the status that says why it is not. */
  store(instance: IncomingInstance): Promise<Outcome>;
  /** Which of the instances are stored; rejects where the request cannot be answered for. */
  commit(request: CommitmentRequest): Promise<CommitmentResult>;
  /** The peer has taken the report on the association. */
  reported?(result: CommitmentResult): void;
  /**
   * The peer, an archive, reports on a request of ours, on an association of its own. Resolves with
   * false for a transaction that is not known.
   */
  committed(result: CommitmentResult): Promise<boolean>;
  /** The result could not be reported on the association: it is over. */
  reportLater(result: CommitmentResult): void;
  /** The association is over: released by the peer, or aborted, lost or timed out. */
  end(how: "released" | "lost"): void;
}

export interface Handlers {
  associate(request: AssociationRequest): Promise<AssociationDecision>;
  /** Something that the operator may want to know; never holds data of a patient. */
  trouble(error: Error, request: AssociationRequest | null): void;
}
