import { AxialError, newUid } from "@axial/contracts";
import { type Peer, peerAt, requestCommitment, Status, sendInstances } from "@axial/dimse";
import { type AddressGuard, checkedAddress } from "@axial/kit/network";
import {
  askCommitment,
  type DueDelivery,
  findCommitment,
  forgetCommitments,
  recordCommitment,
} from "@axial/store/delivery";
import { objectsFor, type SentObject } from "../objects-for.ts";
import type { SendDependencies, Shipment } from "../package.ts";

/** One association, commitment included. */
const TIMEOUT_MS = 120_000;
/** An archive that copies to tape first reports after minutes; then it is asked again. */
const REPORT_WITHIN_SECONDS = 3_600;
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
  if (shipment.target.commitment === true && (await isCommitted(dependencies, shipment))) return;
  const peer = await peerOf(shipment.target, dependencies.guard);
  const objects = await objectsFor(dependencies, shipment);
  for (const batch of batches(objects)) {
    const files = await Promise.all(batch.map((object) => object.read()));
    const outcomes = await sendInstances(peer, files, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    const refused = outcomes.filter(({ status }) => !isStored(status));
    const [first] = refused;
    if (first === undefined) continue;
    const code = `0x${first.status.toString(16).padStart(4, "0")}`;
    const detail = `C-STORE of ${refused.length} of ${files.length} objects ended with ${code}`;
    throw new AxialError(isForLater(first.status) ? "peer-unreachable" : "peer-refused", {
      detail,
    });
  }
  if (shipment.target.commitment !== true || objects.length === 0) return;
  await commit(dependencies, shipment.delivery, { peer, objects });
}

/** Success, or a warning: stored with coercion or elements left out (PS3.4 table B.2-1). */
function isStored(status: number): boolean {
  return status === Status.success || (status & 0xf000) === 0xb000;
}

/** Out of resources (A7xx): another time it may have some. */
function isForLater(status: number): boolean {
  return (status & 0xff00) === Status.outOfResources;
}

/**
 * True when the archive has reported that it keeps everything. Rejects while its report is awaited,
 * and when it does not keep an object: then the next attempt sends and asks again.
 */
async function isCommitted(
  { db }: SendDependencies,
  { delivery }: Shipment<"dimse">,
): Promise<boolean> {
  const asked = await findCommitment(db, delivery.id);
  if (asked === null) return false;
  if (asked.failed === 0) return true;
  if (asked.failed === null) {
    if (asked.secondsAgo > REPORT_WITHIN_SECONDS) return false;
    throw awaited();
  }
  await forgetCommitments(db, delivery.id);
  throw notCommitted(asked.failed);
}

interface Sent {
  readonly peer: Peer;
  readonly objects: readonly SentObject[];
}

async function commit(
  { db }: SendDependencies,
  { id, tenant }: DueDelivery,
  { peer, objects }: Sent,
): Promise<void> {
  const transactionUid = newUid();
  await askCommitment(db, { transactionUid, tenant, delivery: id });
  const request = { transactionUid, instances: objects };
  const result = await requestCommitment(peer, request, AbortSignal.timeout(TIMEOUT_MS)).catch(
    async (error: unknown) => {
      // Not taken: no report will come, and the next attempt asks again.
      await forgetCommitments(db, id);
      throw error;
    },
  );
  if (result === null) throw awaited();
  await recordCommitment(db, tenant, { transactionUid, failed: result.failed.length });
  if (result.failed.length === 0) return;
  await forgetCommitments(db, id);
  throw notCommitted(result.failed.length);
}

function awaited(): AxialError {
  return new AxialError("peer-unreachable", {
    detail: "the archive has the objects; its storage commitment is awaited",
  });
}

function notCommitted(failed: number): AxialError {
  return new AxialError("peer-refused", {
    detail: `the archive does not commit to ${failed} of the objects`,
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
