import { mkdir, mkdtemp, open, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { AxialError } from "@axial/contracts";
import { renderFhir } from "../../render/fhir/render-fhir.ts";
import { reportView } from "../../render/report/report-view.ts";
import { studyView } from "../../views/study-view.ts";
import { objectsFor, pdfFor } from "../objects-for.ts";
import type { SendDependencies, Shipment } from "../package.ts";

interface WrittenFile {
  readonly name: string;
  readonly bytes: Buffer;
}

/**
 * Writes a run's files into a folder of its own, synced, under a name that begins with a dot, and
 * renames it when it is whole: a watcher of the folder never sees half of one. A run that is there
 * already is left as it is; one that says something new has another name.
 */
export async function sendToFolder(
  dependencies: SendDependencies,
  shipment: Shipment<"folder">,
): Promise<void> {
  const base = dependencies.destinationFolder;
  if (base === null) {
    throw new AxialError("peer-refused", { detail: "AXIAL_DESTINATION_FOLDER is not set" });
  }
  const { delivery, target, sources } = shipment;
  const folder = join(base, delivery.tenant, target.folder);
  const name = `${delivery.studyUid}-run-${delivery.run}`;
  const said = sources.report.findings.length + sources.report.unanalysed.length;
  const final = join(folder, sources.report.amends ? `${name}-amended-${said}` : name);
  if (await exists(final)) return;
  await mkdir(folder, { recursive: true });
  const unfinished = await mkdtemp(join(folder, ".unfinished-"));
  try {
    for await (const file of filesOf(dependencies, shipment)) await writeSynced(unfinished, file);
    await rename(unfinished, final);
    await syncFolder(folder);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw error;
  }
}

async function* filesOf(
  dependencies: SendDependencies,
  shipment: Shipment<"folder">,
): AsyncGenerator<WrittenFile> {
  const { destination, sources } = shipment;
  const wants = new Set(destination.formats);
  const dicom = sources.instances.every(({ kind }) => kind === "dicom");
  if (wants.has("json")) {
    const view = reportView(sources.report, studyView(sources.record));
    yield { name: "report.json", bytes: Buffer.from(JSON.stringify(view)) };
  }
  if (!dicom) return;
  if (wants.has("fhir")) {
    const bundle = renderFhir({
      ...{ ...sources, series: sources.record.series },
      base: dependencies.publicUrl,
    });
    yield { name: "report.fhir.json", bytes: Buffer.from(JSON.stringify(bundle)) };
  }
  const pdf = wants.has("pdf") ? await pdfFor(dependencies, shipment) : null;
  if (pdf !== null) yield { name: "report.pdf", bytes: pdf };
  let heatmap = 0;
  for (const object of await objectsFor(dependencies, shipment)) {
    if (object.format === "pdf") continue;
    if (object.format === "heatmaps") heatmap += 1;
    const name = object.format === "sr" ? "report.dcm" : `heatmap-${heatmap}.dcm`;
    yield { name, bytes: await object.read() };
  }
}

async function writeSynced(folder: string, { name, bytes }: WrittenFile): Promise<void> {
  const file = await open(join(folder, name), "wx");
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  await handle.sync().finally(() => handle.close());
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null;
}
