import { AxialError, type DestinationTarget } from "@axial/contracts";
import { type DestinationRow, type DueDelivery, wasToldBefore } from "@axial/store/delivery";
import { type RunSources, readRunSources } from "../objects/run-sources.ts";
import { sendByStow } from "./kinds/dicomweb.ts";
import { sendByCStore } from "./kinds/dimse.ts";
import { sendToFhir } from "./kinds/fhir.ts";
import { sendToFolder } from "./kinds/folder.ts";
import { sendByMllp } from "./kinds/hl7v2.ts";
import { sendWebhook } from "./kinds/webhook.ts";
import type { Package, SendDependencies } from "./package.ts";
import { isWanted, withheldModels } from "./wanted.ts";

/** `skipped`: the destination does not want it, or may not have it, for this reason. */
export type Delivered =
  | { readonly status: "delivered" }
  | { readonly status: "skipped"; readonly reason: string };

/**
 * Sends one delivery to its destination. Rejects with `peer-unreachable` for what may succeed
 * later, and with another code for what will not without someone's doing.
 */
export async function deliver(
  dependencies: SendDependencies,
  delivery: DueDelivery,
  destination: DestinationRow,
): Promise<Delivered> {
  const target = destination.target as DestinationTarget;
  const sources = await sourcesOf(dependencies, delivery);
  const reason =
    reasonToWithhold(destination, sources) ??
    (await reasonNotToWant(dependencies, { delivery, destination, sources }));
  if (reason !== null) return { status: "skipped", reason };
  // A webhook also gets runs without an answer.
  if (target.kind === "webhook") await sendWebhook(dependencies, { delivery, destination, target });
  else if (sources !== null) await send(dependencies, { delivery, destination, sources }, target);
  return { status: "delivered" };
}

/** Null for a run without an answer. */
async function sourcesOf(
  dependencies: SendDependencies,
  { tenant, studyUid, runId: run }: DueDelivery,
): Promise<RunSources | null> {
  return readRunSources(dependencies, { tenant, studyUid, run }).catch((error: unknown) => {
    if (error instanceof AxialError && error.code === "conflict") return null;
    throw error;
  });
}

interface Asked extends Omit<Package, "sources"> {
  readonly sources: RunSources | null;
}

/**
 * What the destination asks for decides which answers it gets first. Once it has one, it gets what
 * amends it too, whatever that says: it would keep an answer that is withdrawn.
 */
async function reasonNotToWant(
  { db }: SendDependencies,
  { delivery, destination, sources }: Asked,
): Promise<string | null> {
  if (sources === null) return null;
  const { report, record } = sources;
  const results = report.findings.map(({ result }) => result);
  const run = { lane: record.study.lane, results, unanalysed: report.unanalysed };
  if (isWanted(destination.filter, run)) return null;
  return (await wasToldBefore(db, delivery)) ? null : "not what the destination asks for";
}

/** Rules that hold for what amends as well. */
function reasonToWithhold(destination: DestinationRow, sources: RunSources | null): string | null {
  const isWebhook = destination.kind === "webhook";
  if (sources === null) return isWebhook ? null : "the run has no answer";
  const results = sources.report.findings.map(({ result }) => result);
  const withheld = isWebhook ? [] : withheldModels(destination.synthetic_models, results);
  if (withheld.length > 0) return `withheld: synthetic evidence of ${withheld.join(", ")}`;
  const needsDicom = ["dicomweb", "dimse", "fhir"].includes(destination.kind);
  const isDicom = sources.instances.every(({ kind }) => kind === "dicom");
  return needsDicom && !isDicom ? "the study holds images that are not DICOM" : null;
}

function send(
  dependencies: SendDependencies,
  parts: Package,
  target: Exclude<DestinationTarget, { kind: "webhook" }>,
): Promise<void> {
  switch (target.kind) {
    case "folder":
      return sendToFolder(dependencies, { ...parts, target });
    case "dicomweb":
      return sendByStow(dependencies, { ...parts, target });
    case "dimse":
      return sendByCStore(dependencies, { ...parts, target });
    case "fhir":
      return sendToFhir(dependencies, { ...parts, target });
    case "hl7v2":
      return sendByMllp(dependencies, { ...parts, target });
    default:
      return target satisfies never;
  }
}
