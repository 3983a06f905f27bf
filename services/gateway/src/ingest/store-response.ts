import { ERROR_CATALOGUE } from "@axial/contracts";
import { failureReason } from "./failure-reason.ts";
import type { InstanceName, PartOutcome, StoreReport } from "./store-report.ts";

interface Element {
  readonly vr: string;
  readonly Value: readonly unknown[];
}
type Item = Record<string, Element>;

const RETRIEVE_URL = "00081190";
const FAILED_SOP_SEQUENCE = "00081198";
const REFERENCED_SOP_SEQUENCE = "00081199";
const OTHER_FAILURES_SEQUENCE = "0008119A";
const REFERENCED_SOP_CLASS_UID = "00081150";
const REFERENCED_SOP_INSTANCE_UID = "00081155";
const FAILURE_REASON = "00081197";
const ERROR_COMMENT = "00000902";
/** ErrorComment is LO. */
const MAX_COMMENT = 64;

/** Status of PS3.18 Table 10.5.3-1: 200 all stored, 202 some, 409 none. */
export function storeStatus(report: StoreReport): 200 | 202 | 409 {
  const taken = report.outcomes.filter(({ status }) => status !== "failed").length;
  if (taken === 0) return 409;
  return taken === report.outcomes.length ? 200 : 202;
}

/** The Store Instances Response Module (PS3.18 Table I.1-1) as DICOM JSON. */
export function storeResponse(report: StoreReport, base: string): Item {
  const stored: Item[] = [];
  const failed: Item[] = [];
  const other: Item[] = [];
  for (const outcome of report.outcomes) {
    if (outcome.status === "stored") stored.push(referenced(outcome.name, base));
    else if (outcome.status === "ignored") stored.push(sopReference(outcome.name));
    else if (outcome.name === null) other.push(reason(outcome));
    else failed.push({ ...sopReference(outcome.name), ...reason(outcome) });
  }
  return {
    [RETRIEVE_URL]: { vr: "UR", Value: studyUrls(report, base) },
    ...sequence(FAILED_SOP_SEQUENCE, failed),
    ...sequence(REFERENCED_SOP_SEQUENCE, stored),
    ...sequence(OTHER_FAILURES_SEQUENCE, other),
  };
}

/** One URL: the attribute has one value, and a request over several studies has no one study. */
function studyUrls(report: StoreReport, base: string): string[] {
  const studies = new Set(
    report.outcomes.flatMap((outcome) =>
      outcome.status === "stored" ? [outcome.name.studyUid] : [],
    ),
  );
  return studies.size === 1 ? [...studies].map((study) => `${base}/studies/${study}`) : [];
}

function sequence(tag: string, items: readonly Item[]): Item {
  return items.length === 0 ? {} : { [tag]: { vr: "SQ", Value: items } };
}

function sopReference(name: InstanceName): Item {
  return {
    [REFERENCED_SOP_CLASS_UID]: { vr: "UI", Value: [name.sopClassUid] },
    [REFERENCED_SOP_INSTANCE_UID]: { vr: "UI", Value: [name.sopInstanceUid] },
  };
}

function referenced(name: InstanceName, base: string): Item {
  const { studyUid, seriesUid, sopInstanceUid } = name;
  const url = `${base}/studies/${studyUid}/series/${seriesUid}/instances/${sopInstanceUid}`;
  return { ...sopReference(name), [RETRIEVE_URL]: { vr: "UR", Value: [url] } };
}

function reason(outcome: Extract<PartOutcome, { status: "failed" }>): Item {
  const comment = ERROR_CATALOGUE[outcome.code].title.slice(0, MAX_COMMENT);
  return {
    [ERROR_COMMENT]: { vr: "LO", Value: [comment] },
    [FAILURE_REASON]: { vr: "US", Value: [failureReason(outcome.code)] },
  };
}
