import { instanceFacts, readInstance } from "@axial/dicom";
import {
  listOwnInstances,
  type NewOwnInstance,
  type OwnInstance,
  storeOwnInstances,
} from "@axial/store/own";
import type { Dependencies } from "../dependencies.ts";
import { pdfUid } from "../render/pdf/render-encapsulated-pdf.ts";
import { assertDicom, type Report } from "../render/report/report.ts";
import { SECONDARY_CAPTURE } from "../render/sr/heatmap-references.ts";
import { srUid } from "../render/sr/render-sr.ts";
import { renderObjects } from "./render-objects.ts";
import type { RunSources } from "./run-sources.ts";

type Needed = Pick<Dependencies, "db" | "blobs" | "models" | "drawings">;

/**
 * The DICOM objects of a run, rendered once: what is kept is what everyone gets, whatever a later
 * version would make of the same run. Any number of processes may ask at the same time: the same
 * run has the same UIDs, and the first to write wins. Throws `conflict` for a study of PNG or JPEG
 * images, or while the run is unfinished.
 */
export async function keepObjects(
  dependencies: Needed,
  sources: RunSources,
): Promise<OwnInstance[]> {
  assertDicom(sources.instances);
  const kept = (own: RunSources["own"]) => own.filter((one) => isOf(one, sources.report));
  const present = kept(sources.own);
  if (present.some(({ sopInstanceUid }) => sopInstanceUid === srUid(sources.report)))
    return present;
  await makeOnce(dependencies, sources);
  return kept(await listOwnInstances(dependencies.db, sources.record.study.id));
}

/** Runs that are being rendered in this process: the sender and a reader wait for the renderer. */
const making = new Map<string, Promise<void>>();

function makeOnce(dependencies: Needed, sources: RunSources): Promise<void> {
  const key = srUid(sources.report);
  const begun = making.get(key);
  if (begun !== undefined) return begun;
  const made = make(dependencies, sources).finally(() => making.delete(key));
  making.set(key, made);
  return made;
}

async function make(dependencies: Needed, sources: RunSources): Promise<void> {
  const { study } = sources.record;
  const { runId: run } = sources.report;
  const instances = await writeBlobs(dependencies, sources);
  await storeOwnInstances(dependencies.db, dependencies.blobs, { study: study.id, run, instances });
}

/** A run that ended twice has two reports and pages; its heat maps are those of both. */
function isOf(one: RunSources["own"][number], report: Report): boolean {
  if (one.run !== report.runId) return false;
  const uids = [srUid(report), pdfUid(report)];
  return one.sopClassUid === SECONDARY_CAPTURE || uids.includes(one.sopInstanceUid);
}

async function writeBlobs(dependencies: Needed, sources: RunSources): Promise<NewOwnInstance[]> {
  const written: NewOwnInstance[] = [];
  for await (const { bytes, seriesTags } of renderObjects(dependencies, sources)) {
    const facts = instanceFacts(readInstance(bytes));
    const blob = await dependencies.blobs.put(bytes);
    written.push({ facts, seriesTags, blob, bytes: bytes.length });
  }
  return written;
}
