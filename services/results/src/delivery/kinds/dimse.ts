import { AxialError, newUid } from "@axial/contracts";
import { type Peer, peerAt, requestCommitment, Status, sendInstances } from "@axial/dimse";
import { type AddressGuard, checkedAddress } from "@axial/kit/network";
import { objectsFor, type SentObject } from "../objects-for.ts";
import type { SendDependencies, Shipment } from "../package.ts";

/** One association, commitment included. */
const TIMEOUT_MS = 120_000;
/** Bytes that one association carries: heat maps are as large as their slices. */
const MAX_ASSOCIATION_BYTES = 64 * 1024 * 1024;

/**
 * Sends a run's objects by C-STORE, and asks for storage commitment where the destination wishes:
 * then it is delivered only when the peer has committed to every object.
 */
export async function sendByCStore(
  dependencies: SendDependencies,
  shipment: Shipment<"dimse">,
): Promise<void> {
  const peer = await peerOf(shipment.target, dependencies.guard);
  const objects = await objectsFor(dependencies, shipment);
  for (const batch of batches(objects)) {
    const files = await Promise.all(batch.map((object) => object.read()));
    const outcomes = await sendInstances(peer, files, AbortSignal.timeout(TIMEOUT_MS));
    const refused = outcomes.filter(({ status }) => !isStored(status));
    const [first] = refused;
    if (first === undefined) continue;
    const code = `0x${first.status.toString(16).padStart(4, "0")}`;
    const detail = `C-STORE of ${refused.length} of ${files.length} objects ended with ${code}`;
    throw new AxialError(isForLater(first.status) ? "peer-unreachable" : "peer-refused", {
      detail,
    });
  }
  if (shipment.target.commitment === true && objects.length > 0) await commit(peer, objects);
}

/** Success, or a warning: stored with coercion or elements left out (PS3.4 table B.2-1). */
function isStored(status: number): boolean {
  return status === Status.success || (status & 0xf000) === 0xb000;
}

/** Out of resources (A7xx): another time it may have some. */
function isForLater(status: number): boolean {
  return (status & 0xff00) === Status.outOfResources;
}

async function commit(peer: Peer, objects: readonly SentObject[]): Promise<void> {
  const request = { transactionUid: newUid(), instances: objects };
  const result = await requestCommitment(peer, request, AbortSignal.timeout(TIMEOUT_MS));
  if (result === null) {
    throw new AxialError("peer-unreachable", {
      detail: "no storage commitment came on the association; it is asked for again",
    });
  }
  if (result.failed.length === 0) return;
  throw new AxialError("peer-refused", {
    detail: `the archive does not commit to ${result.failed.length} of ${objects.length} objects`,
  });
}

function* batches(objects: readonly SentObject[]): Generator<SentObject[]> {
  let batch: SentObject[] = [];
  let bytes = 0;
  for (const object of objects) {
    if (batch.length > 0 && bytes + object.bytes > MAX_ASSOCIATION_BYTES) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(object);
    bytes += object.bytes;
  }
  if (batch.length > 0) yield batch;
}

/** The destination at an address that was checked. */
function peerOf(target: Shipment<"dimse">["target"], guard: AddressGuard): Promise<Peer> {
  return peerAt(target, (host) => checkedAddress(host, guard));
}
