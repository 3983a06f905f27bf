import type { AxialClient } from "@axial/client";
import {
  type BackfillEstimate,
  type ModelPackage,
  meetsEvidence,
  parseModelRef,
} from "@axial/contracts";
import { listModelPackages, readManifest } from "@axial/inference";
import { estimateFiles, type FolderEstimate } from "./folder-estimate.ts";
import { studiesOf } from "./list-file/list-file.ts";
import { type Selection, selectionOf } from "./selection.ts";
import { patienceOf, type StartOptions } from "./start-backfill.ts";

/** Studies of a list that the server looks at; the rest are taken to be like them. */
const SAMPLE = 1_000;
const PATH = "/api/v1/backfills";

type Estimate = BackfillEstimate | FolderEstimate;

/** What it would do. Throws for an empty selection. */
export async function estimateBackfill(
  client: AxialClient,
  options: StartOptions,
): Promise<Estimate> {
  const estimate = await estimated(client, await selectionOf(options), options);
  if (estimate.studies === 0) {
    const leftOut = "leftOut" in estimate ? estimate.leftOut : [];
    const why = leftOut.map(({ code, items }) => `${items} ${code}`).join(", ");
    throw new Error(`the selection is empty: there is nothing to run${why && ` (${why})`}`);
  }
  return estimate;
}

async function estimated(
  client: AxialClient,
  selection: Selection,
  options: StartOptions,
): Promise<Estimate> {
  const { models } = options;
  const named = models === null ? {} : { models };
  const patience = patienceOf(options);
  const ask = (body: object) =>
    patience.run(() => client.post<BackfillEstimate>(`${PATH}/estimate`, { ...body, ...named }));
  switch (selection.kind) {
    case "files": {
      const files = await estimateFiles(selection.find, await localModels(options));
      const { perMinute } = await patience.run(() =>
        client.json<{ perMinute: number | null }>(`${PATH}/rate`),
      );
      const tasks = files.tasks.reduce((sum, one) => sum + one.tasks, 0);
      return { ...files, hours: perMinute === null ? null : tasks / perMinute / 60 };
    }
    case "stored":
      return ask({ filter: selection.filter });
    case "pulled":
      return ask({ filter: selection.filter, from: selection.from });
    case "named": {
      const { list, from } = selection;
      const { count, sample } = await counted(list);
      const estimate = await ask({ studies: sample, ...(from === null ? {} : { from }) });
      return scaled(estimate, count / sample.length);
    }
  }
}

/** How many studies a list names, and the first of them. */
async function counted(list: string): Promise<{ count: number; sample: readonly string[] }> {
  let [count, sample]: [number, readonly string[]] = [0, []];
  for await (const studies of studiesOf(list, SAMPLE)) {
    if (count === 0) sample = studies;
    count += studies.length;
  }
  return { count, sample };
}

function scaled(estimate: BackfillEstimate, by: number): BackfillEstimate {
  const times = (count: number) => Math.round(count * by);
  return {
    ...estimate,
    studies: times(estimate.studies),
    series: times(estimate.series),
    instances: times(estimate.instances),
    bytes: times(estimate.bytes),
    tasks: estimate.tasks.map((one) => ({ ...one, tasks: times(one.tasks) })),
    refusals: estimate.refusals.map((one) => ({ ...one, series: times(one.series) })),
    hours: estimate.hours === null ? null : estimate.hours * by,
  };
}

/** Packages of this machine, whose rules the dry run of files tries. */
async function localModels({ modelsFolder, models }: StartOptions): Promise<ModelPackage[]> {
  const folders = await listModelPackages(modelsFolder).catch(() => []);
  const installed = await Promise.all(folders.map(readManifest));
  const newest = [...Map.groupBy(installed, ({ id }) => id).values()].flatMap((versions) =>
    versions
      .toSorted((a, b) => b.version.localeCompare(a.version, "en", { numeric: true }))
      .slice(0, 1),
  );
  if (models === null) {
    return newest.filter(
      ({ evidence, onRequest = false }) => meetsEvidence(evidence, "research") && !onRequest,
    );
  }
  const found = models
    .map(parseModelRef)
    .flatMap(({ id, version }) =>
      version === null
        ? newest.filter((known) => known.id === id)
        : installed.filter((known) => known.id === id && known.version === version),
    );
  return [...new Set(found)];
}
