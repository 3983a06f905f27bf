import type { AxialClient } from "@axial/client";
import type { BackfillEstimate, ModelPackage } from "@axial/contracts";
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
  /** What the server would run, whatever is installed here. */
  const packages = async () => {
    const query = new URLSearchParams(models === null ? {} : { models: models.join(",") });
    const answer = await patience.run(() =>
      client.json<{ packages: ModelPackage[] }>(`${PATH}/packages?${query}`),
    );
    return answer.packages;
  };
  switch (selection.kind) {
    case "files": {
      const { tried, ...files } = await estimateFiles(selection.find, await packages());
      // Of those that have their answers nothing runs.
      const done = tried.length === 0 ? 0 : (await ask({ studies: tried })).answered / tried.length;
      const tasks = files.tasks.map((one) => ({
        ...one,
        tasks: Math.round(one.tasks * (1 - done)),
      }));
      const count = tasks.reduce((sum, one) => sum + one.tasks, 0);
      const { perMinute } = await patience.run(() =>
        client.json<{ perMinute: number | null }>(`${PATH}/rate`),
      );
      const hours = perMinute === null ? null : count / perMinute / 60;
      return { ...files, tasks, answered: Math.round(done * files.studies), hours };
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
    bytes: estimate.bytes === null ? null : times(estimate.bytes),
    answered: times(estimate.answered),
    tasks: estimate.tasks.map((one) => ({ ...one, tasks: times(one.tasks) })),
    refusals: estimate.refusals.map((one) => ({ ...one, series: times(one.series) })),
    hours: estimate.hours === null ? null : estimate.hours * by,
  };
}
