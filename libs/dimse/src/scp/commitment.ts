import type { requests } from "dcmjs-dimse";
import { dimse } from "../library.ts";
import { STORAGE_COMMITMENT } from "../negotiation.ts";
import { Status } from "../status.ts";
import type { CommitmentRequest, CommitmentResult, ReferencedInstance } from "./handlers.ts";

/** Storage Commitment Push Model SOP Instance (PS3.4 J.3.5). */
export const WELL_KNOWN_INSTANCE = "1.2.840.10008.1.20.1.1";
const REQUEST_COMMITMENT = 1;
/** Event types: all are stored; failures exist (PS3.4 J.3.3.1). */
const SUCCESSFUL = 1;
const WITH_FAILURES = 2;

interface ReferencedItem {
  readonly ReferencedSOPClassUID?: unknown;
  readonly ReferencedSOPInstanceUID?: unknown;
  readonly FailureReason?: unknown;
}

/** What an N-ACTION asks to be committed; null when it asks for something else. */
export function readCommitment(request: requests.NActionRequest): CommitmentRequest | null {
  if (request.getActionTypeId() !== REQUEST_COMMITMENT) return null;
  if (request.getRequestedSopClassUid() !== STORAGE_COMMITMENT) return null;
  const elements = request.getDataset()?.getElements() ?? {};
  const transactionUid = elements.TransactionUID;
  if (typeof transactionUid !== "string") return null;
  return { transactionUid, instances: listed(elements.ReferencedSOPSequence) };
}

/** What an N-EVENT-REPORT says of a commitment; null when it is about something else. */
export function readCommitmentEvent(event: requests.NEventReportRequest): CommitmentResult | null {
  if (event.getAffectedSopClassUid() !== STORAGE_COMMITMENT) return null;
  const elements = event.getDataset()?.getElements() ?? {};
  const transactionUid = elements.TransactionUID;
  if (typeof transactionUid !== "string") return null;
  const failed = itemsOf(elements.FailedSOPSequence).flatMap((item) =>
    referenced(item).map((one) => ({ ...one, reason: Number(item.FailureReason ?? 0) })),
  );
  return { transactionUid, instances: listed(elements.ReferencedSOPSequence), failed };
}

/** A sequence as the library has it: a list of items, or the only one. */
function itemsOf(sequence: unknown): ReferencedItem[] {
  if (sequence === undefined || sequence === null) return [];
  return (Array.isArray(sequence) ? [...sequence] : [sequence]) as ReferencedItem[];
}

function listed(sequence: unknown): ReferencedInstance[] {
  return itemsOf(sequence).flatMap(referenced);
}

function referenced(item: ReferencedItem): ReferencedInstance[] {
  const { ReferencedSOPClassUID: sopClassUid, ReferencedSOPInstanceUID: sopInstanceUid } = item;
  if (typeof sopClassUid !== "string" || typeof sopInstanceUid !== "string") return [];
  return [{ sopClassUid, sopInstanceUid }];
}

/** The N-EVENT-REPORT of a result; `onAnswer` is told whether the peer has taken it. */
export function commitmentEvent(
  { transactionUid, instances, failed }: CommitmentResult,
  onAnswer: (isTaken: boolean) => void,
): requests.NEventReportRequest {
  const event = new dimse.requests.NEventReportRequest(
    STORAGE_COMMITMENT,
    WELL_KNOWN_INSTANCE,
    failed.length === 0 ? SUCCESSFUL : WITH_FAILURES,
  );
  event.setDataset(
    new dimse.Dataset({
      TransactionUID: transactionUid,
      ReferencedSOPSequence: instances.map(reference),
      ...(failed.length === 0
        ? {}
        : {
            FailedSOPSequence: failed.map((one) => ({
              ...reference(one),
              FailureReason: one.reason,
            })),
          }),
    }),
  );
  event.on("response", (response) => {
    onAnswer(response.getStatus() === Status.success);
  });
  return event;
}

function reference({ sopClassUid, sopInstanceUid }: ReferencedInstance) {
  return { ReferencedSOPClassUID: sopClassUid, ReferencedSOPInstanceUID: sopInstanceUid };
}
