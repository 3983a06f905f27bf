export type { IncomingInstance } from "./association/instance-receiver.ts";
export { PEER_TIMES } from "./association/peer-clock.ts";
export { IMPLEMENTATION_VERSION } from "./library.ts";
export * from "./limits.ts";
export { STORAGE_COMMITMENT, VERIFICATION } from "./negotiation.ts";
export {
  type DimseServer,
  type DimseServerOptions,
  listenDimse,
  type TlsOptions,
} from "./scp/dimse-server.ts";
export type {
  AssociationRequest,
  CommitmentRequest,
  CommitmentResult,
  Session,
} from "./scp/handlers.ts";
export { echo } from "./scu/echo.ts";
export { find, findAll, type Match } from "./scu/find.ts";
export { get } from "./scu/get.ts";
export { move } from "./scu/move.ts";
export type { Peer } from "./scu/peer.ts";
export { peerAt } from "./scu/peer-at.ts";
export { reportCommitment } from "./scu/report-commitment.ts";
export { requestCommitment } from "./scu/request-commitment.ts";
export { sendInstances } from "./scu/send-instances.ts";
export { type Outcome, Status } from "./status.ts";
export { failedOutcome, STORE_STATUSES } from "./store-status.ts";
